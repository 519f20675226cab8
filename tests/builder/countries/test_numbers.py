"""A country's numbers: counted by hand, and from a study's tables, which are never read when stale."""

from dataclasses import replace

import pytest

from builder.build import make_matches
from builder.countries.numbers import People, numbers_of, read_people
from builder.run import framework_of
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.study import WriterSection
from schemas.survey import Respondent
from schemas.values import ValueProfile
from tests.builder.countries.made import DIMENSIONS, begun_study, made_pack

pytestmark = pytest.mark.slow


def test_a_study_is_counted_by_country(profiled: Study) -> None:
    people = read_people(profiled)
    assert (people.countries, people.missing) == ({"KE": 60}, ())
    counted = numbers_of(people, made_pack())
    assert counted is not None
    assert (counted.survey, counted.licence, counted.languages) == ("D3CODE raters", "CC-BY-4.0", {"en": 60})
    assert (counted.respondents, counted.profiles) == (60, 60)
    assert counted.known == {"age": 60, "gender": 60, "socioeconomic_status": 60}
    assert counted.rare == {}
    assert counted.profile_words == dict.fromkeys(("sw", "en"), ("machine draft, 2026-11",))
    assert [side.dimension for side in counted.sides[::3]] == list(DIMENSIONS)


def test_words_of_profiles_are_looked_for_in_the_packs_languages(profiled: Study) -> None:
    luo = {"tag": "luo", "name": "Dholuo", "script": "Latn", "direction": "ltr"}
    swahili = {"tag": "sw-KE", "name": "Kiswahili", "script": "Latn", "direction": "ltr"}
    counted = numbers_of(read_people(profiled), made_pack(languages=[luo, swahili]))
    assert counted is not None
    assert counted.profile_words == {"sw-KE": ("machine draft, 2026-11",)}


@pytest.mark.parametrize(("max_uses", "max_per_couple"), [(2, 6), (1, 1), (3, 2), (60, 60)])
def test_pairs_are_at_most_those_counted(profiled: Study, max_uses: int, max_per_couple: int) -> None:
    section = profiled.config.generate.model_copy(update={"max_uses": max_uses, "max_per_couple": max_per_couple})
    study = replace(profiled, config=profiled.config.model_copy(update={"generate": section}))
    counted = numbers_of(read_people(study), made_pack())
    respondents = read_table(profiled.tables, "respondents", Respondent)
    profiles = read_table(profiled.tables, "profiles", ValueProfile)
    made = make_matches(respondents, profiles, framework_of(profiled), section, []).rows
    assert counted is not None
    assert counted.pairs is not None
    assert counted.pairable is not None
    assert 0 < len(made) <= counted.pairs <= counted.pairable * max_uses * max_per_couple // 2
    if max_uses == 60:
        assert counted.pairable == len({one.respondent_id for match in made for one in (match.first, match.second)})


def test_only_what_the_writer_can_write_is_counted(profiled: Study) -> None:
    """Half of the people are asked in Swahili: the template writer writes for the others, a model for all."""
    people = read_people(profiled)
    asked = [
        person.model_copy(update={"language": "sw" if place % 2 else "en-KE"})
        for place, person in enumerate(people.respondents["KE"])
    ]
    mixed = replace(people, respondents={"KE": asked})
    by_template = numbers_of(mixed, made_pack())
    model = WriterSection(kind="openai", model="m")
    section = profiled.config.generate.model_copy(update={"writer": model})
    study = replace(profiled, config=profiled.config.model_copy(update={"generate": section}))
    by_model = numbers_of(replace(mixed, study=study), made_pack())
    assert by_template is not None
    assert by_model is not None
    assert by_template.pairs
    assert by_template.unwritten > 0
    assert by_model.pairs == by_template.pairs + by_template.unwritten
    assert (by_model.unwritten, by_model.pairable) == (0, by_template.pairable)


def test_a_country_without_people_has_noughts(profiled: Study) -> None:
    counted = numbers_of(read_people(profiled), made_pack(code="TZ"))
    assert counted is not None
    assert (counted.respondents, counted.profiles, counted.pairs, counted.pairable) == (0, 0, 0, 0)


def test_values_that_few_people_share_are_rare(profiled: Study) -> None:
    people = read_people(profiled)
    few = People(people.study, {"KE": people.respondents["KE"][:4]}, None, ())
    counted = numbers_of(few, made_pack())
    assert counted is not None
    assert counted.rare == {"age": ("18-49", "50+"), "gender": ("Woman",), "socioeconomic_status": ("5",)}


@pytest.mark.parametrize("file", ["answers.csv", "codebook.yaml"])
def test_stale_tables_are_named_and_not_read(profiled: Study, file: str) -> None:
    path = profiled.root / file
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    people = read_people(profiled)
    assert numbers_of(people, made_pack()) is None
    (missing,) = people.missing
    assert "changed" in missing
    assert missing.endswith("run `mvpbench survey import`")


def test_before_an_import_there_are_no_numbers(tmp_path_factory: pytest.TempPathFactory) -> None:
    people = read_people(begun_study(tmp_path_factory.mktemp("begun") / "study"))
    assert numbers_of(people, made_pack()) is None
    assert "run `mvpbench survey import`" in people.missing[0]
