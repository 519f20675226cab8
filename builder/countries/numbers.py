"""A country's numbers in a study: people, what is known of them, and who could be whose counterpart."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from builder.countries.bands import bands
from builder.countries.places import language_subtag
from builder.countries.writable import knows, writes
from builder.frameworks import framework_words
from builder.opposed import bounds
from builder.run import codebook_of, framework_of, require_fresh_until, survey_of
from builder.stands import Stands, stands
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.country import CountryPack
from schemas.errors import ConfigError, InputError, StudyError
from schemas.questions import Recipe
from schemas.readiness import CountryNumbers, SideCount
from schemas.survey import Respondent
from schemas.values import Split, ValueProfile


@dataclass(frozen=True)
class People:
    """The people of a study by country, as far as its tables are fresh."""

    study: Study
    respondents: Mapping[str, Sequence[Respondent]]
    """Empty before an import."""
    profiles: Mapping[str, Sequence[ValueProfile]] | None
    """None before `profile`."""
    missing: tuple[str, ...]
    """What could not be read, why, and what to run."""

    @property
    def countries(self) -> dict[str, int]:
        """Country -> its respondents, most first; empty before an import."""
        counts = {code: len(people) for code, people in self.respondents.items() if code}
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def read_people(study: Study) -> People:
    """Return the study's people; tables that are missing or stale are named, not read."""
    try:
        require_fresh_until(study, "respondents")
    except (StudyError, ConfigError, InputError) as error:
        return People(study, {}, None, (f"people, sides and pairs: {error}",))
    respondents: dict[str, list[Respondent]] = defaultdict(list)
    for person in read_table(study.tables, "respondents", Respondent):
        respondents[person.country or ""].append(person)
    try:
        require_fresh_until(study, "profiles")
    except StudyError as error:
        return People(study, respondents, None, (f"sides and pairs: {error}",))
    profiles: dict[str, list[ValueProfile]] = defaultdict(list)
    for profile in read_table(study.tables, "profiles", ValueProfile):
        profiles[profile.country or ""].append(profile)
    return People(study, respondents, profiles, ())


def numbers_of(people: People, pack: CountryPack) -> CountryNumbers | None:
    """Return the country's numbers; None before an import."""
    if not people.respondents:
        return None
    here = people.respondents.get(pack.code, ())
    counted = _of_respondents(people.study, here).model_copy(update={"profile_words": _words(people.study, pack)})
    if people.profiles is None:
        return counted
    return counted.model_copy(update=_of_profiles(people.study, here, people.profiles.get(pack.code, ())))


def _of_respondents(study: Study, people: Sequence[Respondent]) -> CountryNumbers:
    survey, names = survey_of(study), codebook_of(study).demographic_names
    below = bands().rare_below
    facts = [person.demographics.known for person in people]
    rare = {name: _rare([fact[name] for fact in facts if name in fact], below) for name in names}
    return CountryNumbers(
        survey=survey.title,
        licence=survey.licence,
        redistribute_profiles=survey.redistribute_profiles,
        citation=survey.citation,
        synthetic=survey.synthetic,
        respondents=len(people),
        languages=dict(Counter(person.language for person in people).most_common()),
        known={name: sum(name in fact for fact in facts) for name in names},
        rare={name: values for name, values in rare.items() if values},
        rare_below=below,
    )


def _of_profiles(study: Study, people: Sequence[Respondent], profiles: Sequence[ValueProfile]) -> Mapping[str, object]:
    if not profiles:
        return {"profiles": 0, "pairable": 0, "pairs": 0}
    framework, section = framework_of(study), study.config.generate
    languages = {person.id: person.language for person in people}
    places = [(languages[one.respondent_id], one.split) for one in profiles]
    cap = section.max_uses * section.max_per_couple
    every = bounds(stands(profiles, framework, section.recipes).sign, places, cap)
    told = knows(section.writer, framework.framework)
    written = [bound.pairs if told and writes(section.writer, tag) else 0 for (tag, _), bound in every.items()]
    return {
        "profiles": len(profiles),
        "pairable": sum(bound.people for bound in every.values()),
        "pairs": sum(written),
        "unwritten": sum(bound.pairs for bound in every.values()) - sum(written),
        "writer_knows": told,
        "sides": _sides(stands(profiles, framework, (Recipe.SIDES,)), profiles),
    }


def _words(study: Study, pack: CountryPack) -> Mapping[str, tuple[str, ...]]:
    framework = framework_of(study)
    found = {tag: framework_words(framework, tag, study.root) for tag in pack.tags}
    there = {tag: one for tag, one in found.items() if language_subtag(one.language) == language_subtag(tag)}
    return {tag: one.unchecked for tag, one in there.items()}


def _rare(values: Sequence[str], below: int) -> tuple[str, ...]:
    return tuple(sorted(value for value, count in Counter(values).items() if count < below))


def _sides(standing: Stands, profiles: Sequence[ValueProfile]) -> tuple[SideCount, ...]:
    rows: Mapping[Split, NDArray[np.bool_]] = {
        split: np.array([one.split is split for one in profiles]) for split in Split
    }
    return tuple(
        SideCount(
            dimension=target.dimensions[0],
            split=split,
            high=int((standing.sign[mask, place] > 0).sum()),
            low=int((standing.sign[mask, place] < 0).sum()),
        )
        for place, target in enumerate(standing.targets)
        for split, mask in rows.items()
    )
