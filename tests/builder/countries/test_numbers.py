"""A country's numbers: counted by hand, and from a study's tables, which are never read when stale."""

import numpy as np
import pytest

from builder.build import make_matches
from builder.countries.numbers import People, _opposed, numbers_of, read_people
from builder.run import framework_of
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.survey import Respondent
from schemas.values import Split, ValueProfile
from tests.builder.countries.made import DIMENSIONS, begun_study, made_pack


def test_people_are_opposed_within_their_language_and_split_alone() -> None:
    # Two targets. Train: a and b oppose on the first, c stands alone on the second; test: d has nobody against it;
    # e opposes a on the first in another language. One pair: a-b.
    sign = np.array([[1, 0], [-1, 1], [0, 1], [1, 0], [-1, 0]], dtype=np.int8)
    where = [("en", Split.TRAIN)] * 3 + [("en", Split.TEST), ("sw", Split.TRAIN)]
    assert _opposed(sign, where) == (2, 1)


def test_a_pair_is_counted_for_each_question_that_both_can_be_asked() -> None:
    # Three against two on the first target (2 pairs), one against one on the second (1 pair); all five are opposed.
    sign = np.array([[1, 1], [1, -1], [1, 0], [-1, 0], [-1, 0]], dtype=np.int8)
    assert _opposed(sign, [("en", Split.TRAIN)] * 5) == (5, 3)


def test_a_study_is_counted_by_country(profiled: Study) -> None:
    people = read_people(profiled)
    assert (people.countries, people.missing) == ({"KE": 60}, ())
    counted = numbers_of(people, made_pack())
    assert counted is not None
    assert (counted.survey, counted.licence, counted.languages) == ("D3CODE raters", "CC-BY-4.0", {"en": 60})
    assert (counted.respondents, counted.profiles) == (60, 60)
    assert counted.known == {"age": 60, "gender": 60, "socioeconomic_status": 60}
    assert counted.rare == {}
    assert [side.dimension for side in counted.sides[::3]] == list(DIMENSIONS)


def test_pairs_are_at_most_those_counted(profiled: Study) -> None:
    counted = numbers_of(read_people(profiled), made_pack())
    respondents = read_table(profiled.tables, "respondents", Respondent)
    profiles = read_table(profiled.tables, "profiles", ValueProfile)
    framework = framework_of(profiled)
    section = profiled.config.generate.model_copy(update={"max_uses": 60, "max_per_couple": 60})
    made = make_matches(respondents, profiles, framework, section, []).rows
    assert counted is not None
    assert counted.pairs is not None
    assert 0 < len(made) <= counted.pairs
    assert counted.pairable == len({stand.respondent_id for match in made for stand in (match.first, match.second)})


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
