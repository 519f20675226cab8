"""Who is given what of a bank: nobody one text twice, no text two people before all are given."""

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from builder.writers.bank import Bank, Scenario, Variant
from builder.writers.stock import About, Stock, Taker
from schemas.identity import content_id
from schemas.questions import Answer, Question, Recipe, WriterStamp
from schemas.values import Split

ABOUT = About(Recipe.SIDES, ("care",), Split.TRAIN)
SCENARIOS = tuple(
    Scenario(
        id=f"x-{number}",
        topic="x",
        question=f"{number}: {{what}}?",
        slots={"what": ("rain", "snow", "fog")},
        one="Go out.",
        other="Stay in.",
    )
    for number in range(4)
)
"""The first and the fourth of a file are of the training split: six variants."""
BANK = Bank({(Recipe.SIDES, ("care",)): SCENARIOS}, "1")
PEOPLE = st.sampled_from(["r-1", "r-2", "r-3"])


def recorded(serves: str, person: str, recipe: Recipe, scenario: Scenario, variant: Variant) -> Question:
    sides = ((variant.one, "care:high"), (variant.other, "care:low"))
    answers = [Answer(id=content_id("a", text), text=text, side=side) for text, side in sides]
    first, second = sorted(answers, key=lambda answer: answer.id)
    return Question(
        id=content_id("q", variant.text),
        recipe=recipe,
        dimensions=("care",),
        language="en",
        split=Split.TRAIN,
        topic="x",
        text=variant.text,
        answers=(first, second),
        written_for=person,
        pairs=(serves,),
        stamp=WriterStamp(writer="template", version="1", scenario=scenario.id),
    )


@given(st.lists(PEOPLE, max_size=18))
def test_nobody_is_given_a_text_twice_while_there_are_others(people: list[str]) -> None:
    """Three people, six variants: up to six each are six different ones."""
    stock, given_to = Stock(BANK), defaultdict[str, list[str]](list)
    for place, person in enumerate(people):
        given_to[person].append(stock.take(f"k-{place}", ABOUT, Taker(Recipe.PAPER, person))[1].text)
    for texts in given_to.values():
        assert len(set(texts)) == min(len(texts), 6)


@given(st.lists(PEOPLE, max_size=18))
def test_no_text_is_shared_before_all_are_given(people: list[str]) -> None:
    stock = Stock(BANK)
    texts = [
        stock.take(f"k-{place}", ABOUT, Taker(Recipe.PAPER, person))[1].text for place, person in enumerate(people)
    ]
    assert len(set(texts)) == min(len(texts), 6)


@given(st.lists(PEOPLE, max_size=12), st.integers(0, 12))
def test_what_is_recorded_is_given_as_it_was(people: list[str], before: int) -> None:
    """A stock of what is recorded goes on as the one did that gave it."""
    stock, questions = Stock(BANK), []
    for place, person in enumerate(people[:before]):
        serves = f"k-{place}"
        found = stock.take(serves, ABOUT, Taker(Recipe.PAPER, person))
        questions.append(recorded(serves, person, Recipe.PAPER, *found))
    again = Stock(BANK, questions)
    for place, person in enumerate(people[before:], before):
        taker = Taker(Recipe.PAPER, person)
        assert again.take(f"k-{place}", ABOUT, taker) == stock.take(f"k-{place}", ABOUT, taker)


def test_a_text_of_one_recipe_is_not_shared_with_another() -> None:
    """Three variants for `sides` and three for `paper`, then each shares its own."""
    stock, of = Stock(BANK), defaultdict[Recipe, Counter[str]](Counter)
    for place in range(60):
        recipe = (Recipe.SIDES, Recipe.PAPER)[place % 2]
        of[recipe][stock.take(f"k-{place}", ABOUT, Taker(recipe, f"r-{place}"))[1].text] += 1
    assert {recipe: len(texts) for recipe, texts in of.items()} == {Recipe.SIDES: 3, Recipe.PAPER: 3}
    assert set(of[Recipe.SIDES]).isdisjoint(of[Recipe.PAPER])


def test_who_has_everything_is_given_the_hash_s_own_again() -> None:
    """It is dropped later as asked already: the stage counts it."""
    stock, taker = Stock(BANK), Taker(Recipe.PAPER, "r-1")
    first = [stock.take(f"k-{place}", ABOUT, taker)[1] for place in range(6)]
    assert stock.take("k-6", ABOUT, taker)[1] in first


def test_only_scenarios_of_the_split_are_there() -> None:
    assert [scenario.id for scenario in Stock(BANK).scenarios(ABOUT)] == ["x-0", "x-3"]
    assert Stock(BANK).scenarios(About(Recipe.SIDES, ("purity",), Split.TRAIN)) == ()
