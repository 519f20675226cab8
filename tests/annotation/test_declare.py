"""The sample is declared before it is sent; a change of it is a declaration of its own."""

import json
from pathlib import Path

import pytest

from annotation.declare import DECLARED, Waiver, declarations, declare, same_slots, sample_of, waiver
from annotation.fake.server import fake_studio
from annotation.push import push
from annotation.sample.plan import plan
from annotation.studio import connected
from mvpbench.store.journal import Journal
from mvpbench.store.study import open_study
from mvpbench.store.tables import read_table, write_table
from schemas.annotation import Annotation, AnnotatorKind, Assignment, Purpose
from schemas.errors import ConfigError, StudyError
from schemas.study import AnnotateSection
from tests.annotation.made import STUDY_YAML, made_material, made_pair, made_question, made_section, made_study
from tests.annotation.pushed import quiet
from tests.annotation.status.made import answer
from tests.annotation.votes import made_annotation


def assigned(section: AnnotateSection) -> list[Assignment]:
    questions = [made_question(number) for number in range(10)]
    instances = [one for number, question in enumerate(questions) for one in made_pair(question, number)]
    return [one.assignment for one in plan(made_material(instances, questions), section)[0]]


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


def test_what_was_waived_stays_so_until_it_leaves_the_sample(tmp_path: Path) -> None:
    section = made_section(4, item_slots=2, repeats=0.3)
    tasks = assigned(section)
    rated = sorted(one.uid for one in tasks if one.purpose is Purpose.RATED)
    repeats = {one.uid for one in tasks if one.purpose is Purpose.REPEAT}
    with Journal(tmp_path / "journal.db") as journal:
        declare(journal, section, tasks)
        second = declare(journal, section, tasks, Waiver({*rated[:2], *repeats, "t-strange"}, "left"))
        assert (second.number, second.waived, second.reason) == (2, tuple(rated[:2]), "left")
        assert (second.person_ratings, second.item_ratings) == (4 * 3, 4 * 2)
        assert declare(journal, section, tasks) == second
        assert declare(journal, section, tasks, Waiver(set(rated[:1]), "nothing new")) == second
        third = declare(journal, section, tasks, Waiver(set(rated[2:3]), "ill"))
        assert (third.number, third.waived, third.reason) == (3, tuple(rated[:3]), "ill")
        fourth = declare(journal, section, [one for one in tasks if one.uid not in rated[:3]])
        assert (fourth.number, fourth.waived, fourth.reason) == (4, (), "")
        assert [one.number for one in declarations(journal)] == [1, 2, 3, 4]


def test_a_declaration_of_an_older_study_waives_nothing(tmp_path: Path) -> None:
    old = {
        "number": 1,
        "declared_at": "2026-11-01T09:00:00+00:00",
        "pairs": 4,
        "person_ratings": 12,
        "item_ratings": 8,
        "slots": 3,
        "deep_share": 0.0,
        "deep_slots": 6,
        "item_slots": 2,
    }
    with Journal(tmp_path / "journal.db") as journal:
        journal.begin_write(DECLARED, "1", json.dumps(old))
        (found,) = declarations(journal)
        assert (found.waived, found.reason) == ((), "")
        assert declare(journal, made_section(4, item_slots=2), assigned(made_section(4, item_slots=2))) == found


def test_a_waiver_is_of_the_tasks_sent_that_nobody_who_counts_has_answered(tmp_path: Path) -> None:
    study = made_study(tmp_path, 2)
    with pytest.raises(StudyError, match="annotate pull"):
        waiver(study, {"t-1"}, "why")
    instance = made_pair(made_question(0), 0)[0]
    person, simulated = (
        made_annotation(instance, 1, instance.expected),
        made_annotation(instance, 2, instance.expected, AnnotatorKind.SIMULATED),
    )
    write_table(study.tables, "annotations", Annotation, [person, simulated])
    found = waiver(study, {person.uid, simulated.uid, "t-3"}, "  the rater\nleft ")
    assert found == Waiver({simulated.uid, "t-3"}, "the rater left")
    with pytest.raises(ConfigError) as raised:
        waiver(study, {"t-1"}, " ")
    assert raised.value.report.code == "reason-missing"


def test_of_a_study_that_declared_nothing_the_sample_is_not_in(tmp_path: Path) -> None:
    study = made_study(tmp_path, 2)
    before = sorted(path.name for path in tmp_path.iterdir())
    assert sample_of(study).lacking == "no sample was declared"
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_push_waives_what_was_sent_before_and_not_what_it_sends_itself(tmp_path: Path) -> None:
    study = made_study(tmp_path, 4)
    (tmp_path / "study.yaml").write_text(STUDY_YAML.format(pairs=2, slots=3, items=0), encoding="utf-8")
    small = open_study(tmp_path)
    with fake_studio() as fake, connected(fake.url, fake.token) as studio:
        with pytest.raises(StudyError, match="annotate pull"):
            push(small, studio, say=quiet, waive="why")
        first = push(small, studio, say=quiet)
        assert (first.counts, [line for line in first.summary if "waived" in line]) == (
            {"tasks": 6, "tasks sent now": 6},
            [],
        )
        sent = read_table(study.tables, "assignments", Assignment)
        said = [answer(one) for one in sent if one.slot != "KE-en-person-2"]
        write_table(study.tables, "annotations", Annotation, [one for one in said if isinstance(one, Annotation)])
        pushed = push(study, studio, say=quiet, waive="the rater left")
        assert pushed.counts == {"tasks": 12, "tasks sent now": 6, "ratings waived": 2}
        line = "2 of 12 declared ratings are waived (KE-en-person-2 2): the rater left"
        assert pushed.summary[-1] == line
        assert push(study, studio, say=quiet).summary[-1] == line
    sample = sample_of(study)
    assert [one.waived for one in sample.declarations] == [
        (),
        tuple(sorted(one.uid for one in sent if one.slot == "KE-en-person-2")),
    ]
    assert (sample.waived, sample.lacking) == (2, "the declared sample is not in (4 of 12 ratings)")
