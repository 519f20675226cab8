"""A candidate: what is in it, what never is, and what refuses to become one."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from mvpbench.store.atomic import write_atomic
from mvpbench.store.tables import read_table, write_table
from release.build import build_release, canary_of
from release.candidate import add_validation
from release.data import data_files, data_sha256, read_instances
from release.versions import candidate_path
from schemas.annotation import AnnotatorKind
from schemas.errors import InputError, StudyError
from schemas.labels import LabelStatus
from schemas.questions import Question
from schemas.release import GateOutcome, ReleaseKind
from schemas.values import Split
from tests.release.findings import write_findings
from tests.release.made import CLOCK, SECRET, WORDS, Made, made_result, made_study, silent, write_ratings

pytestmark = pytest.mark.slow


def test_a_study_without_annotation_builds_as_an_unreviewed_demo(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    outcome = build_release(study, "1.0.0", silent, CLOCK)
    gates = {gate.name: gate.outcome for gate in outcome.result.gates}
    assert outcome.result.kind is ReleaseKind.DEMO
    assert outcome.result.diff is None
    # 4 pairs and one person without a counterpart.
    assert outcome.counts == {"instances": 9, "labels": 0, "ratings": 0, "profiles": 9}
    assert outcome.dropped == {"respondents: no-country": 1}
    assert outcome.outputs == ("releases/1.0.0.candidate",)
    assert [name for name, found in gates.items() if found is GateOutcome.NOT_MEASURED] == [
        "validation",
        "annotators",
        "labels",
        "agreement",
    ]
    assert [name for name, found in gates.items() if found is GateOutcome.FAILED] == ["people", "writer"]
    rows = read_instances(candidate_path(study, "1.0.0"))
    assert {row.label_status for row in rows} == {LabelStatus.UNREVIEWED}


def test_a_row_joins_instance_question_and_person(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    write_ratings(study, Made(), AnnotatorKind.SIMULATED)
    build_release(study, "1.0.0", silent, CLOCK)
    questions = {row.id: row for row in read_table(study.tables, "questions", Question)}
    rows = read_instances(candidate_path(study, "1.0.0"))
    for row in rows:
        question = questions[row.question_id]
        assert row.question == question.text
        assert set(row.choices) == {answer.text for answer in question.answers}
        assert row.choices[row.label] == row.expected_answer == question.answer_on(row.expected_side).text
        assert row.choices[1 - row.label] == row.other_answer == question.answer_on(row.other_side).text
        assert [(fact.name, fact.value) for fact in row.demographics] == [("age", "18-24"), ("gender", "woman")]
        assert row.canary == canary_of("made-up-values", "1.0.0")
        reviewed = LabelStatus.UNREVIEWED if row.respondent_id == "r-alone" else LabelStatus.CONFIRMED
        assert row.label_status is reviewed


def test_the_first_choice_is_expected_in_exactly_half_of_complete_pairs(tmp_path: Path) -> None:
    study = made_study(tmp_path, Made(pairs=12))
    build_release(study, "1.0.0", silent, CLOCK)
    rows = [row for row in read_instances(candidate_path(study, "1.0.0")) if row.pair_id]
    assert sum(row.label for row in rows) == 12
    # The order is drawn: the high side stands first in some pairs and second in others.
    first_sides = {row.expected_side if row.label == 0 else row.other_side for row in rows}
    assert first_sides == {"care:high", "care:low"}


def test_no_source_id_and_no_words_of_people_leave(tmp_path: Path) -> None:
    study = made_study(tmp_path, Made(research=True))
    build_release(study, "1.0.0", silent, CLOCK)
    candidate = candidate_path(study, "1.0.0")
    texts = [path.read_text(encoding="utf-8") for path in candidate.iterdir() if path.is_file()]
    texts += [str(pq.read_table(path).to_pylist()) for path in candidate.rglob("*.parquet")]
    assert len(texts) > 8
    for text in texts:
        assert SECRET not in text
        assert WORDS not in text
    ratings = pd.read_parquet(candidate / "data/ratings/test.parquet")
    assert not set(ratings["annotator"]) & {"n-1", "n-2", "n-3"}
    assert ratings["annotator"].nunique() == 3
    # Somebody without an instance in the release has no profile in it.
    profiles = pd.concat([pd.read_parquet(path) for path in candidate.glob("data/profiles/*.parquet")])
    assert "r-unasked" not in set(profiles["respondent_id"])


def test_a_licence_that_keeps_profiles_back_keeps_demographics_back_too(tmp_path: Path) -> None:
    study = made_study(tmp_path, Made(redistribute=False))
    outcome = build_release(study, "1.0.0", silent, CLOCK)
    candidate = candidate_path(study, "1.0.0")
    assert outcome.counts["profiles"] == 0
    assert list(data_files(candidate)) == ["instances"]
    assert all(row.demographics == () for row in read_instances(candidate))


def test_building_again_gives_the_same_bytes(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    build_release(study, "1.0.0", silent, CLOCK)
    candidate = candidate_path(study, "1.0.0")
    before = {path: path.read_bytes() for path in candidate.rglob("*") if path.is_file()}
    build_release(study, "1.0.0", silent, CLOCK)
    assert {path: path.read_bytes() for path in candidate.rglob("*") if path.is_file()} == before
    assert [path.name for path in study.releases.iterdir()] == ["1.0.0.candidate"]


def test_building_again_keeps_a_validation_of_the_same_data_and_drops_one_of_others(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    build_release(study, "1.0.0", silent, CLOCK)
    add_validation(study, "1.0.0", [made_result()], {})
    again = build_release(study, "1.0.0", silent, CLOCK).result
    assert again.validation_kept
    assert {gate.name: gate.outcome for gate in again.gates}["validation"] is GateOutcome.PASSED
    write_ratings(study, Made(), AnnotatorKind.SIMULATED)
    changed = build_release(study, "1.0.0", silent, CLOCK).result
    assert not changed.validation_kept
    assert {gate.name: gate.outcome for gate in changed.gates}["validation"] is GateOutcome.NOT_MEASURED


def test_what_a_killed_build_left_is_removed(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    write_atomic(study.releases / ".1.0.0.candidate.0badf00d.partial" / "data" / "x", "half")
    build_release(study, "1.0.0", silent, CLOCK)
    assert [path.name for path in study.releases.iterdir()] == ["1.0.0.candidate"]


def test_a_missing_table_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    (study.tables / "questions.parquet").unlink()
    (study.tables / "questions.json").unlink()
    with pytest.raises(StudyError) as caught:
        build_release(study, "1.0.0", silent, CLOCK)
    assert caught.value.report.code == "table-missing"
    assert "mvpbench generate" in str(caught.value)
    assert not list(study.releases.iterdir())


def test_an_interrupted_table_of_ratings_is_not_taken_for_none(tmp_path: Path) -> None:
    study = made_study(tmp_path, Made(research=True))
    (study.tables / "annotations.json").unlink()
    with pytest.raises(StudyError, match="annotations") as caught:
        build_release(study, "1.0.0", silent, CLOCK)
    assert caught.value.report.code == "table-interrupted"


def test_ratings_without_their_labels_are_refused(tmp_path: Path) -> None:
    study = made_study(tmp_path, Made(research=True))
    for name in ("labels.parquet", "labels.json"):
        (study.tables / name).unlink()
    with pytest.raises(StudyError, match="mvpbench annotate pull") as caught:
        build_release(study, "1.0.0", silent, CLOCK)
    assert caught.value.report.code == "table-missing"


def test_a_table_made_from_another_version_of_its_input_is_refused(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    questions = read_table(study.tables, "questions", Question)
    write_table(study.tables, "questions", Question, questions[:-1])  # as nobody's command would
    with pytest.raises(StudyError) as caught:
        build_release(study, "1.0.0", silent, CLOCK)
    report = caught.value.report
    assert (report.code, report.subject, report.way_out) == (
        "table-stale",
        "table questions",
        "run `mvpbench generate`",
    )


def test_a_report_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    write_atomic(study.reports / "audit.json", '{"baselines": []}')
    with pytest.raises(InputError, match="mvpbench audit") as caught:
        build_release(study, "1.0.0", silent, CLOCK)
    assert caught.value.report.code == "report-unreadable"


def test_the_data_load_with_pandas(tmp_path: Path) -> None:
    study = made_study(tmp_path, Made(research=True))
    build_release(study, "1.0.0", silent, CLOCK)
    candidate = candidate_path(study, "1.0.0")
    files = data_files(candidate)
    assert list(files) == ["instances", "labels", "ratings", "profiles"]
    assert all(list(splits) == ["train", "test"] for splits in files.values())
    test = pd.read_parquet(candidate / files["instances"]["test"])
    # Pair 3 of four is in train: three pairs and the one without a counterpart are in test.
    assert len(test) == 7
    assert {choices[label] for choices, label in zip(test["choices"], test["label"], strict=True)} == set(
        test["expected_answer"]
    )
    assert set(test["split"]) == {Split.TEST.value}


@pytest.mark.slow
def test_the_data_load_with_datasets_from_files_and_from_the_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    study = made_study(tmp_path / "study", Made(research=True))
    write_findings(study, Made(research=True))
    build_release(study, "1.0.0", silent, CLOCK)
    candidate = candidate_path(study, "1.0.0")
    for config, splits in data_files(candidate).items():
        paths = {split: str(candidate / path) for split, path in splits.items()}
        cache = str(tmp_path / "cache" / config)
        from_files = datasets.load_dataset("parquet", data_files=paths, cache_dir=cache)
        from_card = datasets.load_dataset(str(candidate), config, cache_dir=cache)
        assert {split: len(rows) for split, rows in from_files.items()} == {
            split: len(rows) for split, rows in from_card.items()
        }
    row = datasets.load_dataset(str(candidate), split="test", cache_dir=str(tmp_path / "cache"))[0]
    assert row["choices"][row["label"]] == row["expected_answer"]
    assert row["demographics"] == [{"name": "age", "value": "18-24"}, {"name": "gender", "value": "woman"}]
    labels = datasets.load_dataset(str(candidate), "labels", split="test", cache_dir=str(tmp_path / "cache"))
    (ruled,) = {(one["ruling"], one["unmodelled"]) for one in labels if one["ruling"]}
    assert ruled == ("drop", "too few questions with two raters: 1, at least 20")
    marked = [one for one in labels if one["defects"]]
    # A question of one pair and one person more; (2 + 1/5) / 4 for the side as it was written.
    assert len(marked) == 3
    assert marked[0]["defects"] == [{"defect": "stereotype", "raters": 1}, {"defect": "leak", "raters": 2}]
    assert {one["vote"]: one["share"] for one in marked[0]["item_soft"]}["asked"] == pytest.approx(0.55)


def test_the_hash_of_the_data_leaves_the_papers_out(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    build_release(study, "1.0.0", silent, CLOCK)
    candidate = candidate_path(study, "1.0.0")
    before = data_sha256(candidate)
    write_atomic(candidate / "README.md", "another card")
    assert data_sha256(candidate) == before
    write_atomic(candidate / "data/instances/test.parquet", b"other rows")
    assert data_sha256(candidate) != before
