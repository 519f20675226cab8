"""What raters and adjudicators said reaches the release, as counts, shares and codes; what was ruled out is told."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from eval.cases import complete_pairs, pair_label
from eval.released import released_cases
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from release.build import build_release
from release.data import ReleaseRows, read_data
from release.evidence import gather
from release.gates import run_gates
from release.questions import question_numbers
from release.versions import candidate_path
from schemas.annotation import AnnotatorKind, TaskKind
from schemas.errors import StudyError
from schemas.labels import ItemStatus, LabelStatus, Ruling
from schemas.questions import Question
from schemas.release import GateOutcome, ReleasedLabel
from schemas.values import Split
from tests.release.findings import LEAK, STEREOTYPE, rated_items, write_findings
from tests.release.made import CLOCK, WORDS, Made, made_study, silent

pytestmark = pytest.mark.slow

RESEARCH = Made(research=True)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    study = made_study(tmp_path_factory.mktemp("said"), RESEARCH)
    write_findings(study, RESEARCH)
    build_release(study, "1.0.0", silent, CLOCK)
    return study


@pytest.fixture(scope="module")
def rows(study: Study) -> ReleaseRows:
    return read_data(candidate_path(study, "1.0.0"))


def question(study: Study, number: int) -> Question:
    return sorted(read_table(study.tables, "questions", Question), key=lambda one: one.text)[number]


def labels_of(rows: ReleaseRows, asked: str) -> list[ReleasedLabel]:
    instances = {row.id for row in rows.instances if row.question_id == asked}
    return [label for label in rows.labels if label.instance_id in instances]


def test_a_label_has_counts_and_shares_of_the_votes_on_the_person(study: Study, rows: ReleaseRows) -> None:
    # The first instance rated: two for the expected answer, one says both. (2 + 1/5) / 4, (1 + 1/5) / 4, (0 + 1/5) / 4.
    (label,) = (label for label in rows.labels if {"both"} & {one.vote for one in label.votes})
    instance = next(row for row in rows.instances if row.id == label.instance_id)
    expected = {instance.expected: 2, "both": 1}
    assert {one.vote: one.count for one in label.votes} == expected
    shares = {instance.expected: 0.55, instance.other: 0.05, "both": 0.3, "neither": 0.05, "cannot_tell": 0.05}
    assert {one.vote: one.share for one in label.soft} == pytest.approx(shares)
    assert [one.vote for one in label.soft] == sorted(shares)


def test_what_raters_found_in_a_question_stands_with_each_of_its_instances(study: Study, rows: ReleaseRows) -> None:
    labels = labels_of(rows, question(study, 0).id)
    # Its pair, and the one person without a counterpart, whom nobody rated.
    assert sorted(label.status for label in labels) == [
        *(LabelStatus.CONFIRMED, LabelStatus.CONFIRMED),
        LabelStatus.UNREVIEWED,
    ]
    for label in labels:
        assert label.asked_side == "care:high"
        assert label.item_status is ItemStatus.CLEAR
        assert {one.vote: one.count for one in label.item_votes} == {"asked": 2, "other": 1}
        assert {one.vote: one.share for one in label.item_soft} == pytest.approx(
            {"asked": 0.55, "other": 0.3, "both": 0.05, "neither": 0.05, "cannot_tell": 0.05}
        )
        assert [(one.defect, one.raters) for one in label.defects] == [(STEREOTYPE, 1), (LEAK, 2)]
        assert (label.marking, label.flagged, label.item_kinds) == (2, (LEAK,), (AnnotatorKind.HUMAN,))
        # Fewer than twenty questions: no model of the raters, and it says why.
        assert (label.dawid_skene, label.mace) == ((), ())
        assert str(label.unmodelled).startswith("too few questions")
        assert label.ruling is Ruling.DROP
        assert [(one.ruling, one.reason, one.adjudicators) for one in label.rulings] == [("drop", "leak", 1)]


def test_adjudicators_who_differ_rule_nothing_and_both_are_told(study: Study, rows: ReleaseRows) -> None:
    labels = labels_of(rows, question(study, 1).id)
    assert len(labels) == 2
    for label in labels:
        assert label.ruling is None
        assert [(one.ruling, one.reason) for one in label.rulings] == [("keep", "sound"), ("repair", "bad_language")]


def test_a_question_that_nobody_looked_at_says_so(study: Study, rows: ReleaseRows) -> None:
    for label in labels_of(rows, question(study, 2).id):
        assert (label.item_status, label.item_votes, label.rulings) == (ItemStatus.UNREVIEWED, (), ())


def test_an_instance_carries_the_ruling_and_keeps_what_raters_said(study: Study, rows: ReleaseRows) -> None:
    dropped = question(study, 0).id
    assert {row.question_id for row in rows.instances if row.ruling is Ruling.DROP} == {dropped}
    assert {row.ruling for row in rows.instances if row.question_id != dropped} == {None}
    assert {row.label_status for row in rows.instances if row.question_id == dropped and row.pair_id} == {"confirmed"}


def test_votes_on_questions_are_among_the_ratings_with_their_defects(study: Study, rows: ReleaseRows) -> None:
    ratings = [row for row in rows.ratings if row.task is TaskKind.ITEM]
    said = [(row.question_id, row.country, row.vote, row.defects, row.asked_side) for row in ratings]
    assert sorted(said) == sorted(
        (row.question_id, row.country, row.vote, row.defects, row.asked_side) for row in rated_items(study)
    )
    assert {(row.instance_id, row.sureness) for row in ratings} == {(None, None)}
    persons = [row for row in rows.ratings if row.task is TaskKind.PERSON]
    by_id = {row.id: row for row in rows.instances}
    assert len(persons) == 24
    for row in persons:
        assert (row.question_id, row.country) == (
            by_id[str(row.instance_id)].question_id,
            by_id[str(row.instance_id)].country,
        )
    # Five accounts rated questions; none of them is named as in the study.
    assert len({row.annotator for row in ratings}) == 5
    assert not {row.annotator for row in rows.ratings} & {row.annotator for row in rated_items(study)}


def test_ratings_of_questions_stand_in_the_split_of_their_question(study: Study) -> None:
    folder = candidate_path(study, "1.0.0")
    asked = {
        split: set(pq.read_table(folder / f"data/instances/{split}.parquet")["question_id"].to_pylist())
        for split in ("train", "test")
    }
    for split, questions in asked.items():
        assert set(pq.read_table(folder / f"data/ratings/{split}.parquet")["question_id"].to_pylist()) <= questions


def test_no_words_of_raters_or_adjudicators_leave(study: Study) -> None:
    for path in candidate_path(study, "1.0.0").rglob("*"):
        if path.suffix == ".parquet":
            assert WORDS not in str(pq.read_table(path).to_pylist())
        elif path.is_file():
            assert WORDS not in path.read_text(encoding="utf-8")


def test_a_pair_whose_question_is_ruled_out_is_in_no_primary_figure_and_is_told(
    study: Study, rows: ReleaseRows
) -> None:
    cases = released_cases(study, candidate_path(study, "1.0.0"))
    found = {pair[0].question.id: pair_label(pair) for pair in complete_pairs(cases, Split.TEST)}
    assert found == {
        question(study, 0).id: Ruling.DROP,
        question(study, 1).id: LabelStatus.CONFIRMED,
        question(study, 2).id: LabelStatus.CONFIRMED,
    }
    counted = question_numbers(rows)
    # Three pairs in test, all confirmed by raters; that of question 0 is ruled out.
    assert (counted.ruled_out_pairs, counted.primary_pairs) == (1, 2)


@pytest.mark.parametrize(
    ("ruling", "primary", "gate"),
    [
        (Ruling.KEEP, 3, "6 of 7 test instances reviewed, 6 confirmed by people"),
        (
            Ruling.REPAIR,
            2,
            "6 of 7 test instances reviewed, 4 confirmed by people; 2 more of questions that adjudicators ruled out",
        ),
    ],
)
def test_what_is_to_be_repaired_counts_as_little_as_what_is_dropped(
    tmp_path: Path, ruling: Ruling, primary: int, gate: str
) -> None:
    study = made_study(tmp_path, RESEARCH)
    write_findings(study, RESEARCH, first=ruling)
    build_release(study, "1.0.0", silent, CLOCK)
    evidence = gather(candidate_path(study, "1.0.0"), None, study.config.release)
    assert question_numbers(evidence.rows).primary_pairs == primary
    found = {one.name: one for one in run_gates(evidence).gates}["labels"]
    assert (found.found, found.outcome) == (gate, GateOutcome.PASSED)


def test_the_card_counts_what_was_said_of_questions(study: Study) -> None:
    body = (candidate_path(study, "1.0.0") / "README.md").read_text(encoding="utf-8")
    for line in (
        "| human | 3 | 24 |",
        "| human, of questions | 5 | 5 |",
        "looked at 2 questions",
        "| clear | 2 |",
        "| reversed | 0 |",
        "| stereotype | 1 | 0 |",
        "| leak | 1 | 1 |",
        "| keep | 0 |",
        "| drop | 1 |",
        "| adjudicators differ | 1 |",
        "Pairs of the test split that the primary figure may rest on: 2, with both halves confirmed and a question",
        "Pairs whose question is to be repaired or dropped: 1;",
    ):
        assert line in body, line


def test_a_release_is_not_made_without_the_tables_of_questions(tmp_path: Path) -> None:
    study = made_study(tmp_path, RESEARCH)
    for name in ("item_labels.parquet", "item_labels.json"):
        (study.tables / name).unlink()
    with pytest.raises(StudyError, match="mvpbench annotate pull") as caught:
        build_release(study, "1.0.0", silent, CLOCK)
    assert caught.value.report.code == "table-missing"
