"""What simulated annotators say: the same every time, and as reliable as they were made."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from annotation.simulated import SimulatedAnnotator, panel, simulate, vote
from annotation.studio import Studio
from annotation.tasks.person import person_task
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table, write_table
from schemas.annotation import Annotation, AnnotatorKind, Assignment
from schemas.errors import StudyError
from schemas.questions import Instance, Question
from tests.annotation.made import made_study


@pytest.mark.parametrize("reliability", [0.0, 0.6, 0.9, 1.0])
def test_votes_are_reproducible_and_as_reliable_as_asked(reliability: float) -> None:
    annotator = SimulatedAnnotator(name="sim", slot="KE-en-person-1", reliability=reliability)
    votes = [vote(annotator, f"t-{number}", "A") for number in range(2000)]
    assert votes == [vote(annotator, f"t-{number}", "A") for number in range(2000)]
    shares = Counter(votes)
    # Binomial with n = 2000: a standard deviation is at most .0112; five of them.
    assert shares["A"] / 2000 == pytest.approx(reliability, abs=0.056)
    assert shares["B"] / 2000 == pytest.approx(0.6 * (1 - reliability), abs=0.056)
    assert set(shares) <= {"A", "B", "both", "neither", "cannot_tell"}


def test_slips_are_the_annotators_own() -> None:
    first, second = (SimulatedAnnotator(name=name, slot="s", reliability=0.5) for name in ("one", "two"))
    same = sum(vote(first, f"t-{n}", "A") == vote(second, f"t-{n}", "A") for n in range(1000))
    # Independent votes of .5, .3, .075, .05, .075 agree with probability .35; in step they would always.
    assert 250 < same < 450


def test_a_panel_has_one_annotator_a_slot() -> None:
    made = panel(("KE-en-person-1", "KE-en-person-2", "KE-en-person-3", "KE-en-person-4"))
    assert [one.slot for one in made] == ["KE-en-person-1", "KE-en-person-2", "KE-en-person-3", "KE-en-person-4"]
    assert len({one.name for one in made}) == 4
    assert len({one.reliability for one in made[:3]}) == 3


class People:
    """The part of a server that says who has an account."""

    url = "http://127.0.0.1:1"

    def __init__(self, *accounts: str) -> None:
        self._accounts = accounts

    def accounts(self) -> list[str]:
        """Who has one beside us."""
        return list(self._accounts)


def answered_by_people(study: Study) -> None:
    """Put one answer by a person into the table of annotations."""
    (pushed, *_) = read_table(study.tables, "assignments", Assignment)
    moment = "2026-03-01T09:00:00.000000+00:00"
    answer = Annotation(
        id="v-1",
        instance_id=str(pushed.instance_id),
        uid=pushed.uid,
        slot=pushed.slot,
        annotator="n-1",
        annotator_kind=AnnotatorKind.HUMAN,
        vote="both",
        created_at=moment,
        updated_at=moment,
        source_id=1,
    )
    write_table(study.tables, "annotations", Annotation, [answer])


@pytest.mark.parametrize(
    ("accounts", "url", "answered", "found"),
    [
        (["sim-person-1@simulated.invalid", "ann@example.org"], None, False, "1 account of people"),
        ([], "https://ls.example.org", False, "a server of your own in `annotate.url`"),
        (["sim-person-1@simulated.invalid"], None, True, "1 answer by people in the table annotations"),
    ],
)
def test_where_people_take_part_nothing_is_simulated_without_a_yes(
    tmp_path: Path, accounts: list[str], url: str | None, answered: bool, found: str
) -> None:
    study = made_study(tmp_path, pairs=1)
    instances = read_table(study.tables, "instances", Instance)
    (question,) = read_table(study.tables, "questions", Question)
    assigned = [person_task(instances[0], question, "p", "KE-en-person-1")[0]]
    write_table(study.tables, "assignments", Assignment, assigned)
    if answered:
        answered_by_people(study)
    if url:
        section = study.config.annotate.model_copy(update={"url": url})
        study = replace(study, config=study.config.model_copy(update={"annotate": section}))
    with pytest.raises(StudyError) as raised:
        simulate(study, cast("Studio", People(*accounts)), say=print)
    assert (raised.value.report.code, raised.value.report.found) == ("people-take-part", found)
    assert "--yes" in (raised.value.report.way_out or "")
    with pytest.raises(StudyError, match="mvpbench annotate push"):  # the next thing that is wrong with this study
        simulate(study, cast("Studio", People(*accounts)), say=print, yes=True)
