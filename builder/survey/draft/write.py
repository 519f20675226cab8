"""A draft as YAML: what was guessed with its reason, what only its user can say as a gap with what to write there.

A gap is a key without a value (or `TODO` for a dimension): the codebook is refused, by the key's name, until it is
filled.
"""

import re

from builder.frameworks import built_in_frameworks
from builder.survey.draft.ddi import Ddi
from builder.survey.draft.facts import TEXT_ENDINGS, clean
from builder.survey.draft.guess import Draft, licence_in, year_in
from builder.survey.draft.places import english
from builder.survey.draft.roles import NamesGuess, PlaceGuess
from builder.survey.draft.write_columns import write_columns
from builder.survey.draft.yaml_text import TODO, Page, code, scalar

TITLE = 120
_SLUG = re.compile(r"[^a-z0-9]+")


def write_draft(draft: Draft) -> tuple[str, tuple[str, ...]]:
    """Return the codebook drafted, and the keys that are still to be filled."""
    page = Page()
    for part in (_survey, _terms, _reading, _who, _where, write_columns):
        part(page, draft)
    return _head(draft, page) + page.text(), tuple(dict.fromkeys(page.todo))


def _head(draft: Draft, page: Page) -> str:
    head = Page()
    first = draft.facts.first
    seen = "the documentation alone: no data was looked at"
    if first is not None:
        rows = f"{'all' if first.whole_file else 'the first'} {first.rows:,} rows of the file"
        seen = f"{len(draft.facts.columns)} columns and {rows}"
    head.note(f"A draft by `mvpbench survey describe {draft.facts.path.name}`, from {seen}.")
    gaps = list(dict.fromkeys(page.todo))
    if gaps:
        head.note(
            f"{TODO} marks what only you can say: {', '.join(gaps)}. Until it is filled in, the codebook is refused."
        )
    head.note("A comment says why a line is as it is: what is wrong, correct. Every key: docs/codebook.md.")
    return head.text()


def _survey(page: Page, draft: Draft) -> None:
    ddi, facts = draft.facts.ddi or Ddi(), draft.facts
    page.put("codebook", "1")
    slug = _SLUG.sub("-", (ddi.id or facts.path.stem).lower()).strip("-")
    if slug:
        source = "documentation's id" if ddi.id else "file's name"
        page.put("name", scalar(slug), f"from the {source}; ids of people are made from it, so choose it once")
    else:
        page.gap("name", "a short name in small letters, digits and hyphens, e.g. values-kenya-2026")
    title = ddi.title or (facts.title if not draft.synthetic else "")
    if title:
        whose = "documentation" if ddi.title else "file"
        page.put("title", scalar(clean(title, TITLE)), f"as the {whose} has it")
    else:
        page.gap("title", "what the survey is called, e.g. Values in Kenya 2026")
    version = clean(ddi.version, 40)
    page.put("version", scalar(version) if version else '"1"', "of the survey's data")
    page.put("format", "table")
    _framework(page, draft)


def _framework(page: Page, draft: Draft) -> None:
    framework = draft.framework
    if framework is not None:
        found = (
            draft.questionnaire.why if draft.questionnaire else next((one.why for one in draft.items if one.why), "")
        )
        page.put("framework", framework.framework, found or framework.title)
        return
    page.gap(
        "framework",
        "the set of values that the items measure: "
        + "; ".join(f"{one.framework} ({one.title})" for one in built_in_frameworks())
        + "; or NAME, described in the study's frameworks/NAME.yaml (`mvpbench schema framework`)",
    )


def _terms(page: Page, draft: Draft) -> None:
    ddi = draft.facts.ddi or Ddi()
    citation = ddi.citation or _citation(ddi)
    if citation:
        page.put("citation", scalar(clean(citation, 600)), "from the documentation")
    else:
        page.gap("citation", "what whoever uses the data must name: who, year, title, archive, version")
    if ddi.doi:
        page.put("doi", scalar(clean(ddi.doi, 100)), "from the documentation")
    else:
        page.note("doi: 10.NNNN/NAME")
    said = clean(ddi.conditions, 160)
    licence = licence_in(ddi.conditions)
    if licence:
        page.put("licence", licence, f"the documentation says: {said}")
    else:
        told = f"; the documentation says: {said}" if said else ""
        page.gap(
            "licence",
            f"the SPDX id of the data's licence, e.g. CC-BY-4.0, or LicenseRef-NAME for terms of its own{told}",
        )
    page.put(
        "redistribute_profiles", "true", "false where the licence forbids to publish profiles made from the answers"
    )
    page.put("language", "en", "in which questions are written for these people (BCP 47: en, sw, pt-BR)")
    if draft.language is not None:
        page.put("language_column", "", draft.language.why)
        _names(page, draft.language)
    elif draft.language_hint is not None:
        page.note(
            f"{draft.language_hint} may hold languages: where it does, add `language_column: {{column: "
            f"{scalar(draft.language_hint)}, names: {{...}}}}`, from its codes to tags like en or sw."
        )
    if draft.synthetic:
        page.put("synthetic", "true", f"made-up people: {draft.synthetic}")


def _citation(ddi: Ddi) -> str:
    year = year_in(ddi.date, ddi.title)
    by = ", ".join(ddi.authors or ddi.producers)
    return f"{by} ({year}), {ddi.title}" if by and year and ddi.title else ""


def _names(page: Page, guess: NamesGuess) -> None:
    page.put("column", scalar(guess.column), indent=2)
    if guess.names:
        page.mapping("names", guess.names, 2)


def _reading(page: Page, draft: Draft) -> None:
    reading = draft.facts.reading
    if draft.facts.path.suffix.lower() not in TEXT_ENDINGS:
        return
    said: dict[str, str] = {}
    why: list[str] = []
    if reading.encoding != "utf-8":
        said["encoding"] = reading.encoding
        why.append("the file is not UTF-8: look whether accented letters come out right, else name its encoding")
    if reading.decimal != ".":
        said["decimal"] = reading.decimal
        why.append("fractions have a comma")
    if said:
        inside = ", ".join(f"{key}: {scalar(value)}" for key, value in said.items())
        page.put("reading", f"{{{inside}}}", "; ".join(why))


def _who(page: Page, draft: Draft) -> None:
    if draft.consent is not None:
        page.put("consent", "", f"{draft.consent.why}; the rows of others are set aside")
        page.put("column", scalar(draft.consent.column), indent=2)
        if draft.consent.names:
            told = ", ".join(name for name in draft.consent.names.values())
            page.put("agreed", f"[{', '.join(code(one) for one in draft.consent.names)}]", told, 2)
        else:
            page.gap("agreed", 'the cells that mean yes, e.g. ["1"]', "consent.agreed", 2)
    if draft.id is None:
        page.gap("id", "the column that tells people apart, or several: [household, person]; none was found that does")
    elif len(draft.id.columns) == 1:
        page.put("id", scalar(draft.id.columns[0]), draft.id.why)
    else:
        page.put("id", f"[{', '.join(map(scalar, draft.id.columns))}]", draft.id.why)


def _where(page: Page, draft: Draft) -> None:
    page.put("country", "")
    if draft.country is not None:
        _place(page, draft.country, "country")
    elif draft.constant is not None:
        page.put(
            "constant", scalar(draft.constant), f"{english(draft.constant)}: the only country in the documentation", 2
        )
    else:
        page.gap(
            "constant",
            f"where these people live: two letters, {draft.country_hint or 'e.g. KE'}; or instead `column: NAME` of "
            "names or ISO codes",
            "country.constant",
            2,
        )
    if draft.birth_country is not None:
        page.put("birth_country", "")
        _place(page, draft.birth_country, "birth_country")


def _place(page: Page, guess: PlaceGuess, key: str) -> None:
    page.put("column", scalar(guess.column), guess.why, 2)
    if guess.names:
        page.put("names", "", indent=2)
        for one, alpha in guess.names.items():
            said = guess.words.get(one, "")
            if alpha is None:
                told = said if said != one else "this country"
                page.gap(code(one), f"{told}: two letters of ISO 3166, or move it to `missing`", f"{key}.names", 4)
            else:
                page.put(code(one), code(alpha), said if said != one else english(alpha), 4)
    if guess.missing:
        page.mapping("missing", {one: kind.value for one, kind in guess.missing.items()}, 2)
