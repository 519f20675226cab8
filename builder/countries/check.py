"""`country check`: every rule over a pack and what a study has of the country."""

from collections.abc import Sequence

from builder.countries.bands import band_of
from builder.countries.numbers import People, numbers_of, read_people
from builder.countries.pack_rules import PACK_RULES
from builder.countries.packs import FoundPack, find_pack, own_codes
from builder.countries.pilot import read_pilot
from builder.countries.pilot_rules import PILOT_RULES, pilot_step
from builder.countries.rules import Subject, violations
from builder.countries.string_rules import STRING_RULES
from builder.countries.study_rules import STUDY_RULES
from builder.countries.writable import MODEL
from mvpbench.store.study import Study
from schemas.errors import StudyError
from schemas.readiness import CheckResult, CountryCheck, CountryViolation, Severity
from schemas.results import Outcome
from schemas.wording import plural

RULES = {**PACK_RULES, **STRING_RULES, **STUDY_RULES, **PILOT_RULES}
"""Code -> rule; every code has its words in rules.yaml."""
NO_STUDY = "people, sides and pairs: no study here, the pack alone was checked; name one with --study"


def check_countries(study: Study | None, code: str | None, *, recruiting: bool = False) -> Outcome[CheckResult]:
    """`country check`: check one country, or all packs of the study's own.

    Raises StudyError `no-packs` where there are none, and ConfigError as `find_pack` does.
    """
    codes = (code,) if code is not None else _all_own(study)
    people = read_people(study) if study is not None else None
    packs = [find_pack(one, study.root if study is not None else None) for one in codes]
    checked = [check_pack(pack, people, recruiting=recruiting) for pack in packs]
    errors, warnings = count(checked, Severity.ERROR), count(checked, Severity.WARNING)
    return Outcome(
        result=CheckResult(countries=tuple(checked)),
        counts={"countries": len(checked), "errors": errors, "warnings": warnings},
        summary=tuple(line for one in checked for line in in_words(one)),
        next_step=_next_step(checked, study),
    )


def check_pack(found: FoundPack, people: People | None, *, recruiting: bool = False) -> CountryCheck:
    """Return what the rules find of one pack; `people` are the study's, None without a study."""
    band = band_of(found.pack.community.size)
    study = people.study if people is not None else None
    subject = Subject(
        found=found,
        band=band,
        study=study.config if study is not None else None,
        numbers=numbers_of(people, found.pack) if people is not None else None,
        pilot=read_pilot(study, found.pack.code) if study is not None else None,
    )
    every = violations(subject, RULES, recruiting=recruiting)
    return CountryCheck(
        code=found.pack.code,
        name=found.name,
        built_in=found.built_in,
        folder="built in" if found.built_in else f"countries/{found.folder.name}",
        band=band,
        ready=all(one.severity is not Severity.ERROR for one in every),
        violations=tuple(every),
        not_measured=people.missing if people is not None else (NO_STUDY,),
        numbers=subject.numbers,
        pilot_step=pilot_step(subject),
    )


def count(checked: Sequence[CountryCheck], severity: Severity) -> int:
    """Return how many violations of a severity there are, over all countries."""
    return sum(one.severity is severity for country in checked for one in country.violations)


def in_words(checked: CountryCheck) -> list[str]:
    """Return the check of one country as lines: the head, two lines a violation, what was not measured."""
    size = f"{checked.band.name} community" if checked.band else "size unknown"
    verdict = "ready" if checked.ready else "not ready"
    lines = [f"{checked.code} {checked.name} ({checked.folder}, {size}): {verdict}, {counted(checked)}"]
    lines += [line for one in checked.violations for line in _violation(one)]
    return [*lines, *(f"not measured yet: {one}" for one in checked.not_measured), ""]


def counted(checked: CountryCheck) -> str:
    """Return `2 errors, 1 warning`."""
    return (
        f"{plural(count([checked], Severity.ERROR), 'error')}, {plural(count([checked], Severity.WARNING), 'warning')}"
    )


def _violation(one: CountryViolation) -> tuple[str, str, str]:
    return (
        f"  {one.severity.value:<8} {one.code}   {one.where}: {one.found}",
        f"             expected  {one.expected}",
        f"             way out   {one.way_out}",
    )


def _all_own(study: Study | None) -> tuple[str, ...]:
    codes = own_codes(study.root) if study is not None else ()
    if not codes:
        raise StudyError(
            "no-packs",
            "country packs of the study" if study is not None else "no study here",
            found="none",
            expected="a folder countries/CODE in the study, or a CODE to check",
            way_out="`mvpbench country check DE` checks one, `mvpbench country list` names those built in, "
            "`mvpbench country init CODE` begins one of your own",
        )
    return codes


def next_step(checked: CountryCheck) -> str | None:
    """Return what is to be done next for a country of a study; None where nothing is left but its report."""
    if not checked.ready:
        errors = [one for one in checked.violations if one.severity is Severity.ERROR]
        if all(one.way_out == MODEL for one in errors):
            return f"{MODEL}, then `mvpbench country check {checked.code}`"
        where = f" in {checked.folder}" if not checked.built_in else ""
        return f"mend the errors{where}, then `mvpbench country check {checked.code}` (`--explain RULE` says why)"
    if checked.not_measured:
        return "mvpbench survey import" if checked.numbers is None else "mvpbench profile"
    return checked.pilot_step


def _next_step(checked: Sequence[CountryCheck], study: Study | None) -> str:
    one = next((one for one in checked if not one.ready), checked[0])
    if one.ready and study is None:
        return f"mvpbench country check {one.code} --study DIR"
    return next_step(one) or f"mvpbench country report {one.code}"
