"""Status of a study on disk: it reads, while others write; agreement is that of `agree`, once the sample is in."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annotation.agreement import agree_study
from annotation.declare import declare
from annotation.sample.plan import plan
from annotation.sample.read import read_material
from annotation.sample.roster import PLACEMENT
from annotation.status import look, status
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import write_table
from schemas.annotation import Annotation, Assignment, CheckAnnotation, Fit, ItemAnnotation, Placement
from schemas.errors import StudyError
from schemas.questions import Dropped
from tests.annotation.made import made_study
from tests.annotation.status.made import answer

WIDTH = 100


def _clock() -> datetime:
    return datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def pushed(tmp_path: Path) -> Study:
    """A study whose sample is declared and given out: 12 pairs, so 36 ratings of instances and 24 of questions."""
    study = made_study(tmp_path / "study", 12, items=2)
    rows = [one.assignment for one in plan(read_material(study), study.config.annotate)[0]]
    write_table(study.tables, "assignments", Assignment, rows)
    with Journal(study.journal) as journal:
        declare(journal, study.config.annotate, rows)
    return study


def _assigned(study: Study) -> list[Assignment]:
    return [one.assignment for one in plan(read_material(study), study.config.annotate)[0]]


def _pulled(study: Study, tasks: list[Assignment]) -> None:
    rows = [answer(one, vote=one.answer_order[0]) for one in tasks]
    dropped = [Dropped(stage="pull", subject="annotation 1", reason="skipped", detail=tasks[0].uid)]
    kinds = (("annotations", Annotation, dropped), ("item_annotations", ItemAnnotation, []))
    for name, record, left in (*kinds, ("check_annotations", CheckAnnotation, [])):
        write_table(study.tables, name, record, [one for one in rows if type(one) is record], left)  # type: ignore[type-var]


def _everything(study: Study) -> dict[str, bytes]:
    files: Iterator[Path] = (path for path in study.root.rglob("*") if path.is_file())
    return {str(path.relative_to(study.root)): path.read_bytes() for path in files}


def test_before_the_first_push_the_error_names_it(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="mvpbench annotate push") as raised:
        status(made_study(tmp_path, 2), width=WIDTH)
    assert raised.value.report.code == "table-missing"


def test_before_the_first_pull(pushed: Study) -> None:
    found = status(pushed, width=WIDTH, clock=_clock)
    assert found.summary[1].startswith("nothing pulled yet")
    assert (found.result.sample.answered, found.result.sample.declared) == (0, 60)
    assert found.counts["ratings declared"] == 60
    assert found.next_step == "mvpbench annotate pull"


def test_the_last_answer_brings_agreement_and_none_before_it(pushed: Study) -> None:
    tasks = _assigned(pushed)
    _pulled(pushed, tasks[:-1])
    found = status(pushed, width=WIDTH, clock=_clock).result
    assert (found.agreement.alpha.value, found.sample.answered) == (None, 59)
    assert agree_study(pushed).result.overall.alpha.value is not None
    _pulled(pushed, tasks)
    told = status(pushed, width=WIDTH, clock=_clock)
    assert told.result.agreement.alpha == agree_study(pushed).result.overall.alpha
    assert [one.country for one in told.result.agreement.by_country] == ["KE"]
    assert told.next_step == "mvpbench agree"


def test_agreement_with_the_expected_answers_is_their_share(pushed: Study) -> None:
    tasks = _assigned(pushed)
    _pulled(pushed, tasks)
    expected = {one.id: one.expected for one in read_material(pushed).instances.values()}
    persons = [one for one in tasks if one.instance_id is not None]
    hits = sum(one.answer_order[0] == expected[str(one.instance_id)] for one in persons)
    found = look(pushed, _clock).agreement
    assert found.with_expected.value == pytest.approx(hits / 36)
    # Of each of 12 pairs one member has two ratings: too few for the gate, which asks for 100.
    assert found.gate.found.endswith("on 12 units")
    assert found.gate.outcome == "not_measured"


def test_nothing_is_written_or_locked(pushed: Study) -> None:
    _pulled(pushed, _assigned(pushed)[:5])
    before = _everything(pushed)
    with locked(pushed, "mvpbench annotate pull"):
        assert status(pushed, width=WIDTH).result.sample.answered == 5
    assert {name: data for name, data in _everything(pushed).items() if name != "lock"} == before


def test_the_page_is_written_where_it_is_asked_for(pushed: Study) -> None:
    found = status(pushed, width=WIDTH, html=True, clock=_clock)
    assert found.outputs == ("reports/annotation.html",)
    assert "0 of 60 ratings are in" in (pushed.reports / "annotation.html").read_text(encoding="utf-8")


def test_a_table_that_is_being_written_is_read_when_it_is_whole(pushed: Study) -> None:
    _pulled(pushed, _assigned(pushed)[:5])
    rows = pushed.tables / "annotations.parquet"
    whole, waits = rows.read_bytes(), []
    rows.write_bytes(whole[:-1])

    def pause(seconds: float) -> None:
        waits.append(seconds)
        rows.write_bytes(whole)

    assert look(pushed, _clock, pause).sample.answered == 5
    assert len(waits) == 1


def test_a_table_that_stays_broken_is_told(pushed: Study) -> None:
    _pulled(pushed, _assigned(pushed)[:5])
    rows = pushed.tables / "annotations.parquet"
    rows.write_bytes(rows.read_bytes()[:-1])
    waits: list[float] = []
    with pytest.raises(StudyError) as raised:
        look(pushed, _clock, waits.append)
    assert raised.value.report.code == "table-interrupted"
    assert len(waits) == 4


def test_slots_bear_the_names_that_the_journal_has(pushed: Study) -> None:
    slot = _assigned(pushed)[0].slot
    given = Placement(slot=slot, country="KE", language="en", rater="Amina", rater_country="KE", fit=Fit.COUNTRY)
    with Journal(pushed.journal) as journal:
        journal.begin_write(PLACEMENT, slot, given.model_dump_json())
        journal.finish_write(PLACEMENT, slot, "")
    found = look(pushed, _clock).groups[0].slots
    assert {one.slot: one.rater for one in found}[slot] == "Amina"
    assert {one.rater for one in found} == {"Amina", None}
