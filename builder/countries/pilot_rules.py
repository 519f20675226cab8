"""The rules about a country's pilot: whether enough was written, and whether anybody who knows the country read it."""

from collections.abc import Iterator, Mapping

from builder.countries.rules import Found, RuleFunction, Subject
from builder.countries.writable import MODEL
from schemas.readiness import Band, CountryNumbers, PilotResult

UNWRITTEN = frozenset({"language-unavailable", "no-scenario"})
"""Reasons of drops by the template writer: it drops the same again."""


def pilot_step(subject: Subject) -> str | None:
    """Return what brings the pilot on: the command, or what is to be set; None where it is there, or no more can be.

    The same pilot again writes the same questions, so one that asked for enough is not asked for again.
    """
    band, numbers = subject.band, subject.numbers
    if band is None or numbers is None or numbers.pairs is None:
        return None
    command = f"mvpbench country pilot {subject.found.pack.code} --n {band.pilot_questions}"
    lacking = _lacking(subject, band, numbers)
    if lacking is not None:
        return f"{MODEL}: the template writer has {lacking}; then `{command}`"
    pilot = subject.pilot
    if pilot is None or pilot.asked < band.pilot_questions:
        can_be = min(band.pilot_questions, numbers.pairs)
        return command if (pilot.questions if pilot else 0) < can_be else None
    # What the template writer had nothing for, another writer may write.
    return command if pilot.questions < band.pilot_questions and UNWRITTEN & set(pilot.dropped) else None


def _lacking(subject: Subject, band: Band, numbers: CountryNumbers) -> str | None:
    """Return what the study's template writer lacks for the pilot; None where it lacks nothing, or is a model."""
    pilot, pairs = subject.pilot, numbers.pairs or 0
    if not numbers.writer_knows:
        return "no scenarios for the framework"
    if subject.study is None or subject.study.generate.writer.kind != "template":
        return None
    if pilot is None or pilot.asked < band.pilot_questions:
        too_few = numbers.unwritten > 0 and pairs < band.pilot_questions
        return f"nothing for {numbers.unwritten:,} pairs" if too_few else None
    circles = pilot.questions < band.pilot_questions and UNWRITTEN & set(pilot.dropped)
    return f"nothing for {_unwritten(pilot)}" if circles else None


def _pilot_missing(subject: Subject) -> Iterator[Found]:
    step, code = pilot_step(subject), subject.found.pack.code
    if step is None or subject.band is None:
        return
    yield Found(
        f"reports/pilot-{code}.md",
        f"a pilot of {subject.pilot.questions:,} questions" if subject.pilot else "no pilot",
        f"{subject.band.pilot_questions} questions read by people who know the country ({subject.band.name} community)",
        f"run `{step}` and have the questions read" if step.startswith("mvpbench ") else step,
    )


def _pilot_unread(subject: Subject) -> Iterator[Found]:
    code, pilot = subject.found.pack.code, subject.pilot
    if pilot is not None and pilot.questions and not subject.found.pack.readers:
        built_in = f"`mvpbench country init {code}`, then " if subject.found.built_in else ""
        yield Found(
            "pilot.read_by",
            f"{pilot.questions:,} questions written, and nobody has said that they read them",
            way_out=f"{built_in}have reports/pilot-{code}.md read, then write in countries/{code}/country.yaml "
            "`pilot: {read_by: [names or roles], found: what they found}`",
        )


PILOT_RULES: Mapping[str, RuleFunction] = {
    "pilot-missing": _pilot_missing,
    "pilot-unread": _pilot_unread,
}


def _unwritten(pilot: PilotResult) -> str:
    count = sum(number for reason, number in pilot.dropped.items() if reason in UNWRITTEN)
    return f"{count:,} of {pilot.asked:,} questions"
