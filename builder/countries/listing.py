"""`country list`: which packs there are, and for whom in the study there is none."""

from builder.countries.numbers import read_people
from builder.countries.packs import built_in_codes, find_pack, own_codes
from builder.survey.countries import country_name
from mvpbench.store.study import Study
from schemas.readiness import CountryList, CountryListed
from schemas.results import Outcome

SHOWN = 10


def list_countries(study: Study | None) -> Outcome[CountryList]:
    """Return the built-in packs and the study's own, sorted by code. Raises ConfigError for one that cannot be read."""
    root = study.root if study is not None else None
    people = read_people(study).countries if study is not None else {}
    found = [find_pack(code, root) for code in sorted({*built_in_codes(), *own_codes(root)})]
    listed = tuple(
        CountryListed(
            code=one.pack.code,
            name=one.name,
            built_in=one.built_in,
            languages=one.pack.tags,
            domain=one.pack.domain,
            respondents=people.get(one.pack.code, 0) if people else None,
        )
        for one in found
    )
    without = tuple(code for code in people if code not in {one.code for one in listed})
    width = max((len(one.name) for one in listed), default=0)
    lines = [_line(one, width) for one in listed]
    if without:
        named = ", ".join(f"{code} {country_name(code)} ({people[code]:,})" for code in without[:SHOWN])
        more = f" and {len(without) - SHOWN} more" if len(without) > SHOWN else ""
        lines += ["", f"in the survey, without a pack: {named}{more}"]
    first = without[0] if without else "CODE"
    return Outcome(
        result=CountryList(countries=listed, without_pack=without),
        counts={"packs": len(listed), "the study's own": sum(not one.built_in for one in listed)},
        summary=tuple(lines),
        next_step=f"mvpbench country init {first} --languages TAG,TAG"
        if without or study is None
        else "mvpbench country check CODE",
    )


def _line(one: CountryListed, width: int) -> str:
    people = "" if one.respondents is None else f"{one.respondents:>7,} people  "
    whose = "built in" if one.built_in else "the study's own"
    domain = "" if one.domain.value == "in" else ", out-of-domain"
    return f"{one.code}  {one.name:<{width}}  {people}{', '.join(one.languages):<12} {whose}{domain}"
