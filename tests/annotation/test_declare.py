"""The sample is declared before it is sent; a change of it is a declaration of its own."""

from pathlib import Path

import pytest

from annotation.declare import declarations, declare, same_slots
from annotation.sample.plan import plan
from mvpbench.store.journal import Journal
from schemas.annotation import Assignment
from schemas.errors import StudyError
from schemas.study import AnnotateSection
from tests.annotation.made import made_material, made_pair, made_question, made_section


def assigned(section: AnnotateSection) -> list[Assignment]:
    questions = [made_question(number) for number in range(10)]
    instances = [one for number, question in enumerate(questions) for one in made_pair(question, number)]
    return [one.assignment for one in plan(made_material(instances, questions), section).tasks]


def test_the_same_sample_is_declared_once_and_another_one_anew(tmp_path: Path) -> None:
    small, large = made_section(4, item_slots=2, repeats=0.3), made_section(8, item_slots=2, repeats=0.3)
    with Journal(tmp_path / "journal.db") as journal:
        first = declare(journal, small, assigned(small))
        assert declare(journal, small, assigned(small)) == first
        assert (first.number, first.pairs, first.person_ratings, first.item_ratings) == (1, 4, 4 * 3, 4 * 2)
        second = declare(journal, large, assigned(large))
        assert (second.number, second.pairs) == (2, 8)
        assert declarations(journal) == [first, second]


@pytest.mark.parametrize("change", [{"slots": 4}, {"deep_slots": 8}])
def test_person_slots_stay_as_at_the_first_push(tmp_path: Path, change: dict[str, int]) -> None:
    with Journal(tmp_path / "journal.db") as journal:
        same_slots(journal, made_section(4))
        same_slots(journal, made_section(9, item_slots=5))
        with pytest.raises(StudyError) as raised:
            same_slots(journal, made_section(4, **change))
        assert raised.value.report.code == "slots-changed"
