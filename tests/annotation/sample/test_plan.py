"""Who judges what: blind, balanced, and the same however the instances are ordered."""

from collections import Counter, defaultdict
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotation.sample.given import Given, SampledPair
from annotation.sample.plan import NOTHING, plan
from schemas.annotation import Assignment, TaskKind
from schemas.questions import Dropped, Instance, Question, Scope
from schemas.values import Split
from tests.annotation.made import made_material, made_pair, made_question, made_section

Material = tuple[list[Instance], dict[str, Question]]


def assign(
    instances: list[Instance],
    questions: dict[str, Question],
    pairs: int,
    slots: int,
    given: Given = NOTHING,
    **more: Any,
) -> tuple[list[Assignment], list[Dropped]]:
    """The plan's assignments without texts."""
    made = plan(made_material(instances, questions.values()), made_section(pairs, slots, **more), given)
    return [one.assignment for one in made.tasks], made.dropped


def settled(*pairs: str, question: str = "q-other", deep: bool = False) -> Given:
    return Given({pair: SampledPair(pair_id=pair, question_id=question, deep=deep) for pair in pairs})


def material(pairs: int, *, split: Split = Split.TEST, country: str = "KE", first: int = 0) -> Material:
    questions = {number: made_question(number, split) for number in range(first, first + pairs)}
    instances = [one for number, question in questions.items() for one in made_pair(question, number, country)]
    return instances, {question.id: question for question in questions.values()}


@given(pairs=st.integers(1, 25), asked=st.integers(1, 30), slots=st.integers(3, 7))
def test_no_rater_sees_both_members_and_all_work_alike(pairs: int, asked: int, slots: int) -> None:
    instances, questions = material(pairs)
    assigned, dropped = assign(instances, questions, asked, slots)
    pair_of = {one.id: one.pair_id for one in instances}
    seen = Counter((one.slot, pair_of[one.instance_id]) for one in assigned)
    assert set(seen.values()) == {1}
    assert set(Counter(one.slot for one in assigned).values()) == {min(pairs, asked)}
    assert len({one.uid for one in assigned}) == len(assigned)
    ratings = Counter(one.instance_id for one in assigned)
    members = defaultdict(list)
    for instance, count in ratings.items():
        members[pair_of[instance]].append(count)
    assert all(sorted(counts) == [slots // 2, (slots + 1) // 2] for counts in members.values())
    assert len(ratings) + len(dropped) == len(instances)
    assert {one.reason for one in dropped} <= {"not-sampled"}


@given(order=st.permutations(range(16)))
def test_the_order_of_instances_does_not_matter(order: list[int]) -> None:
    instances, questions = material(8)
    assert assign([instances[i] for i in order], questions, 5, 3) == assign(instances, questions, 5, 3)


def test_with_three_slots_half_of_the_instances_have_two_raters_and_all_couples_of_slots_share_some() -> None:
    instances, questions = material(60)
    assigned, _ = assign(instances, questions, 60, 3)
    raters = defaultdict(set)
    for one in assigned:
        raters[one.instance_id].add(one.slot)
    assert Counter(len(slots) for slots in raters.values()) == {1: 60, 2: 60}
    shared = Counter(couple for slots in raters.values() for couple in combinations(sorted(slots), 2))
    # 60 pairs fall on 3 couples of slots by hash: 20 each on average, standard deviation 3.7.
    assert len(shared) == 3
    assert min(shared.values()) >= 8


def test_a_larger_sample_holds_the_smaller_one() -> None:
    instances, questions = material(20)
    small, _ = assign(instances, questions, 7, 3)
    large, _ = assign(instances, questions, 15, 3)
    assert {one.uid for one in small} < {one.uid for one in large}


def test_the_test_split_comes_first_and_countries_take_turns() -> None:
    train, train_questions = material(10, split=Split.TRAIN)
    kenya, kenya_questions = material(12, first=100)
    chile, chile_questions = material(3, country="CL", first=200)
    instances = train + kenya + chile
    questions = train_questions | kenya_questions | chile_questions
    by_id = {one.id: one for one in instances}

    def taken(pairs: int) -> Counter[tuple[str, str | None]]:
        assigned, _ = assign(instances, questions, pairs, 3)
        chosen = {by_id[one.instance_id].pair_id: by_id[one.instance_id] for one in assigned}
        return Counter((one.split.value, one.country) for one in chosen.values())

    assert taken(6) == {("test", "KE"): 3, ("test", "CL"): 3}
    assert taken(15) == {("test", "KE"): 12, ("test", "CL"): 3}
    assert taken(17) == {("test", "KE"): 12, ("test", "CL"): 3, ("train", "KE"): 2}


def test_pairs_given_before_stay_in_the_sample_whatever_countries_say() -> None:
    instances, questions = material(20)
    before, _ = assign(instances, questions, 20, 3)
    pair_of = {one.id: one.pair_id for one in instances}
    sent = {"m-3", "m-7", "m-11"}
    kept, _ = assign(instances, questions, 3, 3, settled(*sent), countries=("CL",))
    assert {pair_of[one.instance_id] for one in kept} == sent
    assert {one.uid for one in kept} < {one.uid for one in before}


def test_of_the_pairs_that_share_a_question_one_is_sampled() -> None:
    question, other = made_question(1), made_question(2)
    instances = [one for number in (1, 3, 4) for one in made_pair(question, number)] + made_pair(other, 2)
    questions = {one.id: one for one in (question, other)}
    assigned, dropped = assign(instances, questions, 10, 3)
    question_of = {one.id: one.question_id for one in instances}
    assert Counter((one.slot, question_of[one.instance_id]) for one in assigned) == {
        (f"KE-en-person-{slot}", one): 1 for slot in (1, 2, 3) for one in questions
    }
    assert Counter(one.reason for one in dropped) == {"question-sampled": 4}
    pair_of = {one.id: one.pair_id for one in instances}
    # A pair that was given stays, and keeps the others of its question out ...
    kept, _ = assign(instances, questions, 9, 3, settled("m-4", question=question.id))
    assert {pair_of[one.instance_id] for one in kept} == {"m-4", "m-2"}
    # ... even when it is gone: a rater of another pair would see the texts with the other expectation.
    left = [one for one in instances if one.pair_id != "m-4"]
    without, dropped = assign(left, questions, 9, 3, settled("m-4", question=question.id))
    assert {pair_of[one.instance_id] for one in without} == {"m-2"}
    assert Counter(one.reason for one in dropped) == {"question-sampled": 4}


def test_what_is_left_out_says_why() -> None:
    instances, questions = material(2)
    question = made_question(50)
    regional = made_pair(question, 50, scope=Scope.REGION)
    lone = made_pair(made_question(51), 51)[0].model_copy(update={"pair_id": None, "scope": Scope.NONE})
    half = made_pair(made_question(52), 52)[:1]
    assigned, dropped = assign([*instances, *regional, lone, *half], questions, 1, 3)
    assert len(assigned) == 3
    assert Counter(one.reason for one in dropped) == {
        "not-sampled": 2,
        "regional-pair": 2,
        "no-counterpart": 1,
        "incomplete-pair": 1,
    }


def test_which_answer_is_shown_first_is_drawn_for_every_task() -> None:
    instances, questions = material(60)
    assigned, _ = assign(instances, questions, 60, 3)
    expected = {one.id: one.expected for one in instances}
    first = sum(one.answer_order[0] == expected[one.instance_id] for one in assigned)
    # Binomial(180, 1/2): mean 90, standard deviation 6.7; five deviations.
    assert 56 < first < 124


@given(pairs=st.integers(1, 40), share=st.sampled_from([0.1, 0.25, 0.5, 1.0]), first=st.integers(0, 50))
def test_a_stated_share_of_each_stratum_goes_to_more_raters(pairs: int, share: float, first: int) -> None:
    instances, questions = material(pairs, first=first)
    other, other_questions = material(8, country="CL", first=200)
    assigned, _ = assign(instances + other, questions | other_questions, 100, 3, deep_share=share, deep_slots=6)
    pair_of = {one.id: one.pair_id for one in instances + other}
    raters = Counter((one.country, pair_of[one.instance_id]) for one in assigned)
    deep = Counter(country for (country, _), number in raters.items() if number == 6)
    assert set(raters.values()) <= {3, 6}
    # The k-th pair where k * share passes a whole number.
    assert deep["KE"] == int(pairs * share + 1e-9)
    assert deep["CL"] == int(8 * share + 1e-9)
    assert len({(one.slot, pair_of[one.instance_id]) for one in assigned}) == len(assigned)


def test_a_deep_pair_stays_deep_and_another_does_not_become_so() -> None:
    instances, questions = material(8)
    pair_of = {one.id: one.pair_id for one in instances}
    known = Given({**settled("m-1", deep=True).pairs, **settled("m-2").pairs})
    for share in (0.0, 1.0):
        assigned, _ = assign(instances, questions, 8, 3, known, deep_share=share, deep_slots=6)
        raters = Counter(pair_of[one.instance_id] for one in assigned)
        assert (raters["m-1"], raters["m-2"], raters["m-3"]) == (6, 3, 6 if share else 3)


def test_nobody_has_both_tasks_of_a_question_and_every_item_slot_has_every_question() -> None:
    instances, questions = material(9)
    assigned, _ = assign(instances, questions, 9, 3, item_slots=2)
    tasks = {one.slot: one.task for one in assigned}
    assert Counter(tasks.values()) == {TaskKind.PERSON: 3, TaskKind.ITEM: 2}
    for slot, task in tasks.items():
        assert task.value in slot
        mine = [one for one in assigned if one.slot == slot]
        assert {one.task for one in mine} == {task}
        assert {one.question_id for one in mine} == set(questions)
        assert len(mine) == 9


def test_countries_that_are_not_annotated_yet_are_left_out_and_told() -> None:
    kenya, questions = material(3)
    chile, other = material(3, country="CL", first=200)
    assigned, dropped = assign(kenya + chile, questions | other, 9, 3, countries=("CL",))
    assert {one.country for one in assigned} == {"CL"}
    assert Counter(one.reason for one in dropped) == {"country-not-annotated": 6}


def test_the_order_of_a_slots_tasks_says_nothing() -> None:
    instances, questions = material(60)
    assigned, _ = assign(instances, questions, 60, 3)
    for slot in ("KE-en-person-1", "KE-en-person-2"):
        places = [one.place for one in assigned if one.slot == slot]
        assert places == sorted(places)
    order = [[one.question_id for one in assigned if one.slot == f"KE-en-person-{n}"] for n in (1, 2)]
    assert order[0] != order[1]
