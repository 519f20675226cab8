"""`country report`: the Markdown page for a pull request, with the verdict at its top."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version

from builder.countries.check import check_pack, count, counted, next_step
from builder.countries.numbers import read_people
from builder.countries.packs import FoundPack, find_pack
from builder.countries.pages import render_page
from builder.countries.pilot import read_pilot
from mvpbench.store.atomic import write_atomic
from mvpbench.store.study import Study, locked
from schemas.country import CountryPack, Generalisation, PayFloor
from schemas.readiness import CountryCheck, CountryNumbers, PilotResult, ReportResult, Severity, SideCount
from schemas.results import Outcome
from schemas.values import Split
from schemas.wording import plural

NOT_MEASURED = "not measured yet"


def report_country(study: Study, code: str) -> Outcome[ReportResult]:
    """`country report`: write `reports/country-XX.md`. Raises ConfigError as `find_pack` does."""
    found = find_pack(code, study.root)
    checked, pilot = check_pack(found, read_people(study)), read_pilot(study, code)
    errors, warnings = count([checked], Severity.ERROR), count([checked], Severity.WARNING)
    path = study.reports / f"country-{code}.md"
    with locked(study):
        write_atomic(path, country_page(found, checked, pilot))
    verdict = "ready" if checked.ready else "not ready"
    return Outcome(
        result=ReportResult(code=code, ready=checked.ready, errors=errors, warnings=warnings),
        counts={"errors": errors, "warnings": warnings},
        outputs=(str(path.relative_to(study.root)),),
        summary=(f"{found.name}: {verdict}, {counted(checked)}; the page is made to be pasted into a pull request",),
        next_step=next_step(checked) or "mvpbench generate",
    )


def country_page(found: FoundPack, checked: CountryCheck, pilot: PilotResult | None) -> str:
    """Return the report as Markdown; every text of the pack and the survey in it is escaped."""
    numbers = checked.numbers
    return render_page(
        "report.md.j2",
        name=found.name,
        pack=found.pack,
        check=checked,
        found=plural(count([checked], Severity.WARNING), "warning") if checked.ready else counted(checked),
        required=list(_required(found.pack, checked, pilot)),
        languages=list(_languages(found)),
        pay=_pay(found.pack.recruitment.pay),
        generalised=[f"{name} {_in_words(rule)}" for name, rule in found.pack.generalise.items()],
        numbers=numbers,
        splits=[split.value for split in Split],
        by_dimension=_by_dimension(numbers),
        pilot=pilot,
        readers=_readers(found.pack),
        card=found.pack.card_paragraphs,
        version=version("mvpbench"),
    )


def _required(pack: CountryPack, checked: CountryCheck, pilot: PilotResult | None) -> Iterator[Mapping[str, str]]:
    band, numbers = checked.band, checked.numbers
    people, pairs = None, None
    if numbers is not None:
        people = numbers.respondents if numbers.profiles is None else numbers.profiles
        pairs = numbers.pairs
    there = {
        "people": _number(people, NOT_MEASURED),
        "pairs within the country": _number(pairs, NOT_MEASURED),
        "pilot questions, read by people who know the country": _piloted(pack, pilot),
        "raters": "counted when they rate",
    }
    needed = (band.respondents, band.pairs, band.pilot_questions, band.raters) if band else (None,) * len(there)
    for (what, has), number in zip(there.items(), needed, strict=True):
        yield {"what": what, "needed": _number(number, "?"), "there": has}


def _piloted(pack: CountryPack, pilot: PilotResult | None) -> str:
    return f"written {pilot.questions:,}; read by: {_readers(pack)}" if pilot else "no pilot"


def _readers(pack: CountryPack) -> str:
    return ", ".join(pack.readers) or "nobody has said"


def _languages(found: FoundPack) -> Iterator[Mapping[str, str]]:
    for language in found.pack.languages:
        texts = found.texts.get(language.tag)
        strings = "none"
        if texts is not None:
            checked = f"checked by {', '.join(texts.checked_by)}" if texts.checked_by else "NO SPEAKER HAS CHECKED THEM"
            strings = f"{texts.made_by}; {checked}"
        yield {
            "tag": language.tag,
            "name": language.name,
            "country": found.pack.names.get(language.tag, "?"),
            "script": f"{language.script}, {'right to left' if language.direction == 'rtl' else 'left to right'}",
            "strings": strings,
        }


def _pay(pay: PayFloor) -> str:
    if pay.amount is None:
        return f"no amount yet ({pay.currency}); {pay.rule or 'no rule given'}"
    rule = f"; {pay.rule}" if pay.rule else ""
    return f"{pay.amount:,g} {pay.currency} an hour, {pay.as_of or 'undated'} ({pay.source or 'no source'}){rule}"


def _in_words(rule: Generalisation) -> str:
    if rule.drop:
        return "is not kept"
    if rule.bands:
        return f"in bands from {', '.join(f'{bound:g}' for bound in rule.bands)}"
    rest = f"any other value as {rule.other}" if rule.other is not None else "no other value is kept"
    return f"to {', '.join(sorted(set(rule.map.values())))}; {rest}"


def _by_dimension(numbers: CountryNumbers | None) -> Mapping[str, Sequence[SideCount]]:
    rows: dict[str, list[SideCount]] = defaultdict(list)
    for side in numbers.sides if numbers else ():
        rows[side.dimension].append(side)
    return rows


def _number(value: int | None, unknown: str) -> str:
    return unknown if value is None else f"{value:,}"
