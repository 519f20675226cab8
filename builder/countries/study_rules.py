"""The rules about a country in a study: whether there are enough people, on both sides, and what their data need."""

from collections.abc import Iterator, Mapping

from builder.countries.places import called, language_subtag
from builder.countries.rules import Found, RuleFunction, Subject
from builder.countries.writable import MODEL, writes
from schemas.values import Domain, Split
from schemas.visible import is_seen

SHOWN = 3
SHOWN_CHARACTERS = 40


def _domain_differs(subject: Subject) -> Iterator[Found]:
    if subject.study is None:
        return
    pack = subject.found.pack
    theirs = Domain.OUT if pack.code in subject.study.profile.out_of_domain else Domain.IN
    if theirs is not pack.domain:
        yield Found("domain", f"{pack.domain}, and {theirs} in study.yaml (profile.out_of_domain)")


def _writer_language(subject: Subject) -> Iterator[Found]:
    if subject.study is None or subject.numbers is None:
        return
    writer = subject.study.generate.writer
    foreign = {tag: count for tag, count in subject.numbers.languages.items() if not writes(writer, tag)}
    if foreign:
        people = ", ".join(f"{count:,} of {tag}" for tag, count in foreign.items())
        yield Found("study.yaml, generate.writer", f"the template writer, and people: {people}")


def _writer_framework(subject: Subject) -> Iterator[Found]:
    if subject.numbers is not None and not subject.numbers.writer_knows:
        yield Found("study.yaml, generate.writer", "the template writer, and no scenarios for the framework")


def _people_synthetic(subject: Subject) -> Iterator[Found]:
    if subject.numbers is not None and subject.numbers.synthetic:
        yield Found("table respondents", "made-up people")


def _respondents_too_few(subject: Subject) -> Iterator[Found]:
    numbers, band = subject.numbers, subject.band
    if numbers is None or band is None:
        return
    there, what = numbers.profiles, "people with a profile"
    if there is None:
        there, what = numbers.respondents, "people"
    if there < band.respondents:
        yield Found("table respondents", f"{there:,} {what}", f"at least {band.respondents} ({band.name} community)")


def _language_not_in_pack(subject: Subject) -> Iterator[Found]:
    tags = subject.found.pack.tags
    known = {*tags, *(language_subtag(tag) for tag in tags)}
    for tag, count in (subject.numbers.languages if subject.numbers else {}).items():
        if tag not in known and language_subtag(tag) not in known:
            yield Found("table respondents, language", f"{count:,} people of {tag}", f"one of {', '.join(tags)}")


def _profile_words_missing(subject: Subject) -> Iterator[Found]:
    if subject.numbers is None or subject.numbers.profile_words is None:
        return
    for tag in subject.found.pack.tags:
        if tag not in subject.numbers.profile_words:
            yield Found(f"words of profiles, {tag}", f"none in {called(tag)}: profiles are shown in English")


def _profile_words_unchecked(subject: Subject) -> Iterator[Found]:
    there = subject.numbers.profile_words if subject.numbers else None
    unchecked = {tag: made_by for tag, made_by in (there or {}).items() if made_by}
    if unchecked:
        found = "; ".join(f"{called(tag)} by nobody ({', '.join(made_by)})" for tag, made_by in unchecked.items())
        yield Found("words of profiles, checked_by", found)


def _generalise_unknown(subject: Subject) -> Iterator[Found]:
    if subject.numbers is None:
        return
    for name in subject.found.pack.generalise:
        if name not in subject.numbers.known:
            yield Found(f"generalise.{name}", "no such demographic", f"one of {', '.join(subject.numbers.known)}")


def _rare_value(subject: Subject) -> Iterator[Found]:
    if subject.numbers is None:
        return
    for name, values in subject.numbers.rare.items():
        shown = ", ".join(_shown(value) for value in values[:SHOWN]) + (" ..." if len(values) > SHOWN else "")
        found = f"{len(values)} of its values shared by fewer than {subject.numbers.rare_below} people: {shown}"
        yield Found(f"table respondents, {name}", found)


def _nobody_opposed(subject: Subject) -> Iterator[Found]:
    if subject.numbers is not None and subject.numbers.pairable == 0:
        yield Found("table profiles", f"nobody who finds a counterpart, of {subject.numbers.profiles or 0:,} people")


def _pairs_too_few(subject: Subject) -> Iterator[Found]:
    numbers, band = subject.numbers, subject.band
    if numbers is None or band is None or numbers.pairs is None or numbers.pairs >= band.pairs:
        return
    if not numbers.pairs and not numbers.unwritten:
        return  # nobody is opposed: a rule of its own
    why = "does not know the framework" if not numbers.writer_knows else "does not write in the language"
    more = f", and {numbers.unwritten:,} for which the writer {why}" if numbers.unwritten else ""
    enough = numbers.pairs + numbers.unwritten >= band.pairs
    yield Found(
        "table profiles",
        f"at most {numbers.pairs:,} pairs{more}",
        f"at least {band.pairs} ({band.name} community)",
        MODEL if enough else None,
    )


def _side_empty(subject: Subject) -> Iterator[Found]:
    tested = [side for side in (subject.numbers.sides if subject.numbers else ()) if side.split is Split.TEST]
    empty = [side for side in tested if not (side.high and side.low)]
    if empty:
        sides = ", ".join(f"{side.dimension} {side.high:,} high and {side.low:,} low" for side in empty)
        yield Found("table profiles, test split", sides)


STUDY_RULES: Mapping[str, RuleFunction] = {
    "domain-differs": _domain_differs,
    "writer-language": _writer_language,
    "writer-framework": _writer_framework,
    "people-synthetic": _people_synthetic,
    "respondents-too-few": _respondents_too_few,
    "language-not-in-pack": _language_not_in_pack,
    "profile-words-missing": _profile_words_missing,
    "profile-words-unchecked": _profile_words_unchecked,
    "generalise-unknown": _generalise_unknown,
    "rare-value": _rare_value,
    "nobody-opposed": _nobody_opposed,
    "pairs-too-few": _pairs_too_few,
    "side-empty": _side_empty,
}


def _shown(value: str) -> str:
    """A value of the survey, in a message: what hides or turns a text is left out."""
    seen = "".join(char if is_seen(char) else " " for char in value)
    return seen if len(seen) <= SHOWN_CHARACTERS else f"{seen[:SHOWN_CHARACTERS]}..."
