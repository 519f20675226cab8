"""The tasks that look at raters: what plainly fits, one's own task again, an answer from elsewhere."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from annotation.sample.checks import FEWEST_REPEATED
from annotation.sample.given import Given, SampledPair
from annotation.sample.material import Material
from annotation.sample.plan import plan
from annotation.slots import Group
from schemas.annotation import Assignment, Purpose, TaskKind
from schemas.country import ComprehensionItem
from schemas.questions import Question
from schemas.study import AnnotateSection
from tests.annotation.made import made_material, made_pair, made_question, made_section

KENYA = Group("KE", "en")
ITEMS = tuple(
    ComprehensionItem(id=f"one-{n}", person=f"p {n}", question=f"q {n}?", answers=(f"x {n}", f"y {n}"), right="second")
    for n in range(3)
)


def about(number: int) -> Question:
    """Questions on four dimensions and four topics in turn."""
    dimension = ("care", "purity", "loyalty", "equality")[number % 4]
    question = made_question(number)
    answers = tuple(one.model_copy(update={"side": one.side.replace("care", dimension)}) for one in question.answers)
    update = {"dimensions": (dimension,), "topic": f"topic {number % 4}", "answers": answers}
    return question.model_copy(update=update)


def material(pairs: int, *, items: tuple[ComprehensionItem, ...] = ()) -> Material:
    questions = [about(number) for number in range(pairs)]
    instances = [
        one.model_copy(update={"dimensions": question.dimensions})
        for number, question in enumerate(questions)
        for one in made_pair(replace_sides(question), number)
    ]
    return replace(made_material(instances, questions), comprehension={KENYA: items})


def replace_sides(question: Question) -> Question:
    """The same question with the sides that `made_pair` looks for."""
    dimension = question.dimensions[0]
    answers = tuple(one.model_copy(update={"side": one.side.replace(dimension, "care")}) for one in question.answers)
    return question.model_copy(update={"answers": answers})


def planned(of: Material, section: AnnotateSection, purpose: Purpose) -> list[Assignment]:
    return [one.assignment for one in plan(of, section).tasks if one.assignment.purpose is purpose]


def test_every_person_slot_gets_comprehension_tasks_of_its_language_and_item_slots_none() -> None:
    section = made_section(6, item_slots=1, comprehension=2)
    found = planned(material(6, items=ITEMS), section, Purpose.COMPREHENSION)
    assert len(found) == 3 * 2
    assert {one.task for one in found} == {TaskKind.PERSON}
    assert all(one.right in one.answer_order for one in found)
    texts = {
        one.assignment.uid: one.texts
        for one in plan(material(6, items=ITEMS), section).tasks
        if one.assignment.purpose is Purpose.COMPREHENSION
    }
    for one in found:
        shown = texts[one.uid]["answer_a" if one.answer_order[0] == one.right else "answer_b"]
        assert shown.startswith("y")


@given(pairs=st.integers(1, 60), share=st.sampled_from([0.05, 0.1, 0.3]))
def test_repeats_are_of_the_slots_own_tasks_swapped_and_well_after_them(pairs: int, share: float) -> None:
    of, section = material(pairs), made_section(pairs, item_slots=1, repeats=share)
    tasks = [one.assignment for one in plan(of, section).tasks]
    rated = {(one.slot, one.instance_id or one.question_id): one for one in tasks if one.purpose is Purpose.RATED}
    again = [one for one in tasks if one.purpose is Purpose.REPEAT]
    for one in again:
        first = rated[one.slot, one.instance_id or one.question_id]
        assert one.answer_order == first.answer_order[::-1]
        assert one.place == first.place + 0.5
        assert one.uid != first.uid
    if pairs >= 20:  # some task of each slot stands in its first half: all but one in a million slots
        assert {one.slot for one in again} == {one.slot for one in tasks}
    if pairs < FEWEST_REPEATED:
        assert not again


def test_a_stated_share_comes_again() -> None:
    section = made_section(400, repeats=0.05)
    tasks = plan(material(400), section).tasks
    again = sum(one.assignment.purpose is Purpose.REPEAT for one in tasks)
    # 1,200 rated tasks, each repeated with probability .05: mean 60, standard deviation 7.5; five deviations.
    assert 22 < again < 98


def test_what_was_drawn_before_stands_when_the_sample_grows() -> None:
    of = material(60, items=ITEMS)
    small = made_section(8, item_slots=2, comprehension=1, repeats=0.3, violations=2)
    before = [one.assignment for one in plan(of, small).tasks]
    checks: dict[str, list[Assignment]] = {}
    for one in before:
        if one.purpose is not Purpose.RATED:
            checks.setdefault(one.slot, []).append(one)
    pairs = {
        f"m-{n}": SampledPair(pair_id=f"m-{n}", question_id=about(n).id, deep=False) for n in sampled_of(of, small)
    }
    large = made_section(40, item_slots=2, comprehension=2, repeats=0.3, violations=3)
    after = [one.assignment for one in plan(of, large, Given(pairs, checks)).tasks]
    assert {one.uid for one in before} < {one.uid for one in after}
    for slot in {one.slot for one in after}:
        mine = [one for one in after if one.slot == slot]
        kinds = Counter(one.purpose for one in mine)
        assert kinds[Purpose.COMPREHENSION] == (2 if "person" in slot else 0)
        assert kinds[Purpose.VIOLATION] == (3 if "item" in slot else 0)
        spoilt = {one.question_id for one in mine if one.purpose is Purpose.VIOLATION}
        assert not spoilt & {one.question_id for one in mine if one.purpose is Purpose.RATED}


def sampled_of(of: Material, section: AnnotateSection) -> list[int]:
    return [int(str(pair[0].pair_id).removeprefix("m-")) for pair, _ in plan(of, section).sampled]


def test_a_violation_shows_an_answer_to_another_question_that_the_slot_does_not_see() -> None:
    of, section = material(12), made_section(4, item_slots=2, violations=2)
    tasks = plan(of, section).tasks
    found = [one for one in tasks if one.assignment.purpose is Purpose.VIOLATION]
    assert len(found) == 2 * 2
    owner = {answer.id: one for one in of.questions.values() for answer in one.answers}
    for assignment, texts in found:
        assert assignment.task is TaskKind.ITEM
        question, donor = of.questions[str(assignment.question_id)], owner[str(assignment.right)]
        assert not set(question.dimensions) & set(donor.dimensions)
        assert question.topic != donor.topic
        assert texts["question"] == question.text
        rated = {
            one.assignment.question_id
            for one in tasks
            if one.assignment.slot == assignment.slot and one.assignment.purpose is Purpose.RATED
        }
        assert not {question.id, donor.id} & rated
        kept = next(one for one in assignment.answer_order if one != assignment.right)
        assert owner[kept] == question
        assert owner[kept].answer_on(str(assignment.asked_side)).id == kept


def test_where_every_question_is_rated_there_is_none_to_spoil() -> None:
    assert planned(material(12), made_section(12, item_slots=1, violations=2), Purpose.VIOLATION) == []


def test_without_two_questions_on_other_things_there_is_no_violation() -> None:
    questions = [made_question(number) for number in range(4)]
    instances = [one for number, question in enumerate(questions) for one in made_pair(question, number)]
    of = made_material(instances, questions)
    assert planned(of, made_section(2, item_slots=1, violations=2), Purpose.VIOLATION) == []
