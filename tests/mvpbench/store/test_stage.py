"""Stages run when what they depend on has changed, and say why."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mvpbench.store.stage import Produced, Stage, require_fresh, run_stage, why_stale
from mvpbench.store.study import Study
from mvpbench.store.tables import read_dropped, read_info, read_table, write_table
from schemas.annotation import Annotation, AnnotatorKind, Label
from schemas.errors import InputError, StudyError
from tests.mvpbench.store.made import a_drop, a_study, labels

STAGE = Stage(
    table="labels",
    record=Label,
    version=1,
    inputs=("annotations",),
    sections=("annotate",),
    makes_with="mvpbench annotate pull",
)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = a_study(tmp_path / "study")
    write_table(made.tables, "annotations", Annotation, [])
    (made.root / "codebook.yaml").write_text("codebook: 1")
    return made


class Work:
    """A stage's function that counts how often it was called."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Produced[Label]:
        """Return rows that tell which call made them."""
        self.calls += 1
        return Produced(labels(self.calls), [a_drop()], counts={"confirmed": 50}, notes={"of": "test"})


def files(study: Study) -> dict[str, Path]:
    return {"codebook": study.root / "codebook.yaml"}


def test_a_stage_runs_once_until_something_it_depends_on_changes(study: Study) -> None:
    work = Work()
    ticks = iter([10.0, 12.5])
    info = run_stage(study, STAGE, files(study), work, clock=lambda: next(ticks))
    again = run_stage(study, STAGE, files(study), work)
    assert (work.calls, again) == (1, info)
    assert (info.rows, info.dropped, info.counts, info.notes) == (
        50,
        {"no-votes": 1},
        {"confirmed": 50},
        {"of": "test"},
    )
    assert info.seconds == 2.5
    assert {"pyarrow", "pydantic"} <= set(info.versions)
    assert read_table(study.tables, "labels", Label) == labels(1)
    assert read_dropped(study.tables, "labels") == [a_drop()]


def section_changed(study: Study, stage: Stage[Label]) -> tuple[Study, Stage[Label]]:
    config = study.config.model_copy(update={"annotate": study.config.annotate.model_copy(update={"pairs": 61})})
    return Study(study.root, config), stage


def file_changed(study: Study, stage: Stage[Label]) -> tuple[Study, Stage[Label]]:
    (study.root / "codebook.yaml").write_text("codebook: 2")
    return study, stage


def table_changed(study: Study, stage: Stage[Label]) -> tuple[Study, Stage[Label]]:
    rating = Annotation(
        id="v-1", instance_id="i-1", uid="t-1", slot="s", annotator="n-1", annotator_kind=AnnotatorKind.HUMAN,
        vote="both", created_at="2026-03-01T09:00:00Z", updated_at="2026-03-01T09:00:00Z", source_id=1,
    )  # fmt: skip
    write_table(study.tables, "annotations", Annotation, [rating])
    return study, stage


def version_raised(study: Study, stage: Stage[Label]) -> tuple[Study, Stage[Label]]:
    return study, Stage("labels", Label, 2, stage.inputs, stage.sections, stage.makes_with)


def input_removed(study: Study, stage: Stage[Label]) -> tuple[Study, Stage[Label]]:
    return study, Stage("labels", Label, 1, (), stage.sections, stage.makes_with)


def interrupted(study: Study, stage: Stage[Label]) -> tuple[Study, Stage[Label]]:
    (study.tables / "labels.parquet").write_bytes(b"PAR1")
    return study, stage


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (section_changed, "section annotate of study.yaml changed"),
        (file_changed, "file codebook changed"),
        (table_changed, "table annotations changed"),
        (version_raised, "version changed"),
        (input_removed, "table annotations no longer counts"),
        (interrupted, "not whole: a labels.parquet that is not the one its sidecar vouches for"),
    ],
)
def test_each_change_makes_the_table_stale_says_why_and_is_mended_by_running(
    study: Study, change: Callable[[Study, Stage[Label]], tuple[Study, Stage[Label]]], why: str
) -> None:
    work = Work()
    run_stage(study, STAGE, files(study), work)
    assert why_stale(study, STAGE, files(study)) == ()
    study, stage = change(study, STAGE)
    assert why_stale(study, stage, files(study)) == (why,)
    run_stage(study, stage, files(study), work)
    assert work.calls == 2
    assert why_stale(study, stage, files(study)) == ()
    assert read_table(study.tables, "labels", Label) == labels(2)


def test_a_study_that_was_moved_is_not_stale(study: Study) -> None:
    run_stage(study, STAGE, files(study), Work())
    moved = Study(study.root.rename(study.root.with_name("moved")), study.config)
    assert why_stale(moved, STAGE, files(moved)) == ()


def test_a_table_rewritten_with_the_same_rows_makes_nothing_stale(study: Study) -> None:
    run_stage(study, STAGE, files(study), Work())
    write_table(study.tables, "annotations", Annotation, [], [a_drop()])
    assert why_stale(study, STAGE, files(study)) == ()


def test_what_is_not_there_yet_is_said_and_refused(study: Study) -> None:
    assert why_stale(study, STAGE, files(study)) == ("not made yet: run `mvpbench annotate pull`",)
    (study.tables / "annotations.json").unlink()
    (study.tables / "annotations.parquet").unlink()
    work = Work()
    with pytest.raises(StudyError) as missing:
        run_stage(study, STAGE, files(study), work)
    assert missing.value.report.code == "table-missing"
    assert why_stale(study, STAGE, files(study)) == (str(missing.value),)
    with pytest.raises(InputError):
        run_stage(study, Stage("labels", Label, 1), {"codebook": study.root / "none.yaml"}, work)
    assert work.calls == 0


def test_where_the_work_fails_nothing_is_written(study: Study) -> None:
    def fail() -> Produced[Label]:
        raise StudyError("some-code", "some trouble")

    with pytest.raises(StudyError, match="some trouble"):
        run_stage(study, STAGE, files(study), fail)
    assert read_info(study.tables, "labels") is None


def test_a_folder_may_be_a_file_of_the_fingerprint(study: Study) -> None:
    (study.root / "bank").mkdir()
    (study.root / "bank" / "one.yaml").write_text("1")
    stage, bank = Stage("labels", Label, 1), {"bank": study.root / "bank"}
    run_stage(study, stage, bank, Work())
    (study.root / "bank" / "two.yaml").write_text("2")
    assert why_stale(study, stage, bank) == ("file bank changed",)


def test_work_goes_on_from_a_fresh_table_alone(study: Study) -> None:
    with pytest.raises(StudyError) as caught:
        require_fresh(study, STAGE, files(study))
    assert caught.value.report.code == "table-missing"
    run_stage(study, STAGE, files(study), Work())
    require_fresh(study, STAGE, files(study))
    changed, stage = file_changed(study, STAGE)
    with pytest.raises(StudyError) as caught:
        require_fresh(changed, stage, files(study))
    report = caught.value.report
    assert (report.code, report.subject) == ("table-stale", "table labels")
    assert report.found == "file codebook changed"
    assert report.way_out == "run `mvpbench annotate pull`"
