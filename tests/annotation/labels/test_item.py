"""Labels of questions: by country, by side, with defects; models only where their raters and questions are enough."""

import pytest

from annotation.labels import label_questions
from annotation.labels.item import FEWEST_QUESTIONS, FEWEST_RATERS, Before, rulings_that_count
from schemas.annotation import AnnotatorKind, ItemAnnotation, ItemDefect
from schemas.labels import ItemLabel, ItemStatus, Ruling, Side
from schemas.questions import Question
from tests.annotation.made import made_pair, made_question
from tests.annotation.votes import made_adjudication, made_item_annotation

QUESTION = made_question(0)
INSTANCES = made_pair(QUESTION, 0)


def _label(rows: list[ItemAnnotation], question: Question = QUESTION) -> ItemLabel:
    (found,) = label_questions([question], INSTANCES, rows).rows
    return found


def _said(*sides: str) -> list[ItemAnnotation]:
    return [made_item_annotation(QUESTION, number, side) for number, side in enumerate(sides)]


@pytest.mark.parametrize(
    ("sides", "status", "tie"),
    [
        ((), ItemStatus.UNREVIEWED, False),
        (("asked",), ItemStatus.CLEAR, False),
        (("asked", "other"), ItemStatus.UNCLEAR, True),
        (("other", "other", "asked"), ItemStatus.REVERSED, False),
        (("asked", "both"), ItemStatus.UNCLEAR, True),
        (("asked", "other", "neither"), ItemStatus.UNCLEAR, True),
        (("neither", "neither", "cannot_tell"), ItemStatus.UNCLEAR, False),
    ],
)
def test_status_by_majority_against_the_writer(sides: tuple[str, ...], status: ItemStatus, tie: bool) -> None:
    found = _label(_said(*sides))
    assert (found.status, found.tie, found.ratings) == (status, tie, len(sides))
    assert found.asked_side == "care:high"


def test_votes_are_sides_and_soft_labels_add_one_vote() -> None:
    found = _label(_said("asked", "asked", "other"))
    assert found.votes == {Side.ASKED: 2, Side.OTHER: 1}
    assert found.soft == pytest.approx(
        {Side.ASKED: 0.55, Side.OTHER: 0.3, Side.BOTH: 0.05, Side.NEITHER: 0.05, Side.CANNOT_TELL: 0.05}
    )


def test_a_defect_is_flagged_by_two_who_are_at_least_half() -> None:
    def marked(*by: tuple[ItemDefect, ...]) -> ItemLabel:
        return _label([made_item_annotation(QUESTION, number, defects=one) for number, one in enumerate(by)])

    leak, stereotype = ItemDefect.LEAK, ItemDefect.STEREOTYPE
    assert marked((leak,)).flagged == ()
    assert marked((leak,), (leak,), (), ()).flagged == (leak,)
    assert marked((leak,), (leak,), (), (), ()).flagged == ()
    both = marked((leak, stereotype), (stereotype, leak), (leak,))
    assert both.flagged == (stereotype, leak)
    assert (both.defects, both.marking) == ({stereotype: 2, leak: 3}, 3)


def test_a_question_asked_in_two_countries_has_a_label_in_each() -> None:
    instances = made_pair(QUESTION, 0) + made_pair(QUESTION, 1, "IN")
    rows = [made_item_annotation(QUESTION, 1, "other", country="IN"), made_item_annotation(QUESTION, 1, country="US")]
    made = label_questions([QUESTION], instances, rows)
    assert [(one.country, one.status) for one in made.rows] == [
        ("IN", ItemStatus.REVERSED),
        ("KE", ItemStatus.UNREVIEWED),
    ]
    assert [(one.reason, one.detail) for one in made.dropped] == [("unknown-question", f"{QUESTION.id} in US")]


def test_a_vote_on_a_side_that_the_question_has_not_is_dropped() -> None:
    row = made_item_annotation(QUESTION, 1).model_copy(update={"asked_side": "purity:high"})
    made = label_questions([QUESTION], INSTANCES, [row])
    assert [one.reason for one in made.dropped] == ["unknown-side"]
    assert made.rows[0].ratings == 0


def test_a_label_says_what_kind_of_raters_are_behind_it() -> None:
    found = _label([made_item_annotation(QUESTION, n, "other", kind=AnnotatorKind.SIMULATED) for n in (1, 2)])
    assert (found.status, found.kinds) == (ItemStatus.REVERSED, (AnnotatorKind.SIMULATED,))


def test_adjudicators_who_differ_rule_nothing() -> None:
    def ruled(*said: Ruling) -> Ruling | None:
        rows = [made_adjudication(QUESTION, number, one) for number, one in enumerate(said)]
        return label_questions([QUESTION], INSTANCES, [], rows).rows[0].ruling

    assert ruled() is None
    assert ruled(Ruling.DROP, Ruling.DROP) is Ruling.DROP
    assert ruled(Ruling.DROP, Ruling.KEEP) is None


def test_where_people_rated_or_decided_nobody_else_rules() -> None:
    human, simulated = AnnotatorKind.HUMAN, AnnotatorKind.SIMULATED
    both = [made_adjudication(QUESTION, n, Ruling.DROP, kind) for n, kind in enumerate((human, simulated))]
    assert rulings_that_count(both, {human}) == both[:1]
    assert rulings_that_count(both, {simulated}) == both[:1]
    assert rulings_that_count(both[1:], {simulated}) == both[1:]
    assert rulings_that_count(both[1:], {human}) == []


def test_a_country_with_too_few_raters_or_questions_has_no_model_and_says_why() -> None:
    few = _label(_said("asked", "other"))
    assert (few.dawid_skene, few.mace) == (None, None)
    assert few.unmodelled == f"too few raters: 2, at least {FEWEST_RATERS}"
    few = _label(_said("asked", "other", "asked"))
    assert few.unmodelled == f"too few questions with two raters: 1, at least {FEWEST_QUESTIONS}"
    # Raters of other countries do not make up for it.
    abroad = [made_item_annotation(QUESTION, n, country="IN") for n in (1, 2)]
    made = label_questions([QUESTION], INSTANCES + made_pair(QUESTION, 1, "IN"), [*_said("asked", "other"), *abroad])
    assert {one.unmodelled for one in made.rows} == {f"too few raters: 2, at least {FEWEST_RATERS}"}


@pytest.mark.slow
def test_within_a_country_the_models_see_through_a_rater_who_always_says_the_same() -> None:
    questions = [made_question(number) for number in range(FEWEST_QUESTIONS)]
    instances = [one for number, question in enumerate(questions) for one in made_pair(question, number)]
    unrated = made_question(99)
    instances += made_pair(unrated, 99)
    rows = []
    for number, question in enumerate(questions):
        true = "other" if number % 4 == 0 else "asked"
        # Two careful raters who each slip once, and two who say `asked` of everything.
        slips = {1: number == 5, 2: number == 9}
        turned = {"asked": "other", "other": "asked"}[true]
        said = {slot: turned if slipped else true for slot, slipped in slips.items()} | {3: "asked", 4: "asked"}
        rows += [made_item_annotation(question, slot, one) for slot, one in said.items()]
    made = label_questions([*questions, unrated], instances, rows)
    by_question = {one.question_id: one for one in made.rows}
    reversed_ones = [by_question[question.id] for question in questions[::4]]
    assert {one.status for one in reversed_ones} == {ItemStatus.UNCLEAR}  # two against two
    for posterior in (one for label in reversed_ones for one in (label.dawid_skene, label.mace)):
        assert posterior is not None
        assert posterior[Side.OTHER] > 0.9
    assert by_question[unrated.id].unmodelled == "nobody rated it"
    assert made.rows == label_questions([unrated, *questions], instances[::-1], rows[::-1]).rows
    same = [made_item_annotation(question, slot) for question in questions for slot in (1, 2, 3)]
    assert label_questions(questions, instances, same).rows[0].unmodelled == "every vote is the same"

    # What the models said of these votes is taken over, here with a mark to know it by, until a vote is another.
    marked = [one.model_copy(update={"mace": {Side.OTHER: 1.0}}) if one.mace is not None else one for one in made.rows]
    again = label_questions([*questions, unrated], instances, rows, before=Before(made.notes, marked))
    assert (again.rows, again.notes) == (marked, made.notes)
    more = [*rows, made_item_annotation(unrated, 1)]
    anew = label_questions([*questions, unrated], instances, more, before=Before(made.notes, marked))
    assert not any(one.mace == {Side.OTHER: 1.0} for one in anew.rows)
