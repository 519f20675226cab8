"""Questions put to people."""

from builder.instances import Crowd, paired, unpaired
from builder.stands import Stands
from schemas.identity import digest
from schemas.questions import Answer, Match, Question, Recipe, Scope, Stand, WriterStamp
from schemas.values import Split, ValueProfile
from tests.builder.made import made_person, made_profile, made_stands

PEOPLE = ("r-1", "r-2", "r-3")
PROFILES = {name: made_profile(made_person(name)) for name in PEOPLE}


def question(text: str, pairs: tuple[str, ...], dimension: str = "dimension_a", split: Split = Split.TRAIN) -> Question:
    return Question(
        id=f"q-{text}",
        recipe=Recipe.SIDES,
        dimensions=(dimension,),
        language="en",
        split=split,
        topic="work",
        text=text,
        answers=(
            Answer(id=f"a-{text}-1", text="One.", side=f"{dimension}:low"),
            Answer(id=f"a-{text}-2", text="Two.", side=f"{dimension}:high"),
        ),
        written_for="r-1",
        pairs=pairs,
        stamp=WriterStamp(writer="template", version="0"),
    )


def match(name: str = "m-1") -> Match:
    return Match(
        id=name,
        recipe=Recipe.SIDES,
        dimensions=("dimension_a",),
        country="KE",
        language="en",
        split=Split.TRAIN,
        scope=Scope.COUNTRY,
        first=Stand(respondent_id="r-1", side="dimension_a:high", error_probability=0.05),
        second=Stand(respondent_id="r-2", side="dimension_a:low", error_probability=0.15),
        distance=0.5,
        reused=False,
    )


def test_a_pair_has_one_question_and_opposite_expected_answers() -> None:
    first, second = paired([match()], [question("x", ("m-1",))], PROFILES)
    assert (first.respondent_id, first.expected, first.expected_side) == ("r-1", "a-x-2", "dimension_a:high")
    assert (second.respondent_id, second.expected, second.expected_side) == ("r-2", "a-x-1", "dimension_a:low")
    assert (first.error_probability, second.error_probability) == (0.05, 0.15)
    assert first.question_id == second.question_id == "q-x"
    assert (first.counterpart, second.counterpart) == (second.id, first.id)
    assert first.pair_id == second.pair_id == "m-1"
    assert first.scope is second.scope is Scope.COUNTRY


def test_a_match_without_a_question_gives_nothing() -> None:
    assert paired([match()], [question("x", ("m-2",))], PROFILES) == []


def crowd(stands: Stands, *profiles: ValueProfile, language: str = "en") -> Crowd:
    """Everybody speaks English but r-3, who speaks `language`."""
    return Crowd(profiles, {name: language if name == "r-3" else "en" for name in PEOPLE}, stands)


def alone(stands: Stands, questions: list[Question], country: str | None = "KE") -> list[tuple[str, str, str]]:
    """Who is asked what without a counterpart, and the side expected; r-1 and r-2 are a pair."""
    have = paired([match()], questions, PROFILES)
    third: ValueProfile = made_profile(made_person("r-3", country=country))
    found = unpaired(crowd(stands, PROFILES["r-1"], PROFILES["r-2"], third), questions, have, [])
    assert all(one.pair_id is None and one.counterpart is None and one.scope is Scope.NONE for one in found)
    return [(one.respondent_id, one.question_id, one.expected_side) for one in found]


def test_whoever_has_no_counterpart_is_asked_where_the_side_is_surest_and_a_question_exists() -> None:
    """The second target is surer (.02), but nobody has a question on it; on the first the person is low."""
    stands = made_stands({"r-1": [1, 0], "r-2": [-1, 0], "r-3": [-1, 1]}, [[0.05, 0], [0.15, 0], [0.2, 0.02]])
    assert alone(stands, [question("x", ("m-1",))]) == [("r-3", "q-x", "dimension_a:low")]


def test_one_of_several_questions_is_taken_by_hash() -> None:
    stands = made_stands({"r-1": [1], "r-2": [-1], "r-3": [1]})
    have = [question("x", ("m-1",)), question("y", ("m-2",))]
    both = paired([match("m-1"), match("m-2")], have, PROFILES)
    everybody = crowd(stands, *PROFILES.values())
    expected = min(("q-x", "q-y"), key=lambda name: digest("alone", "r-3", name))
    for order in (have, have[::-1]):
        assert [one.question_id for one in unpaired(everybody, order, both, [])] == [expected]


def test_nobody_is_asked_what_compatriots_were_not_asked() -> None:
    stands = made_stands({"r-1": [1], "r-2": [-1], "r-3": [1]})
    questions = [question("x", ("m-1",))]
    assert alone(stands, questions, country="PE") == []
    assert alone(stands, questions, country=None) == []


def test_nobody_is_asked_without_a_stand() -> None:
    assert alone(made_stands({"r-1": [1], "r-2": [-1], "r-3": [0]}), [question("x", ("m-1",))]) == []


def test_a_question_of_another_split_is_not_lent() -> None:
    stands = made_stands({"r-1": [1], "r-2": [-1], "r-3": [1]})
    questions = [question("x", ("m-1",))]
    have = paired([match()], questions, PROFILES)
    third = made_profile(made_person("r-3"), Split.TEST)
    assert unpaired(crowd(stands, PROFILES["r-1"], PROFILES["r-2"], third), questions, have, []) == []


def test_a_question_of_another_language_is_not_lent() -> None:
    stands = made_stands({"r-1": [1], "r-2": [-1], "r-3": [1]})
    questions = [question("x", ("m-1",))]
    have = paired([match()], questions, PROFILES)
    assert len(unpaired(crowd(stands, *PROFILES.values()), questions, have, [])) == 1
    assert unpaired(crowd(stands, *PROFILES.values(), language="sw"), questions, have, []) == []


def test_a_person_keeps_the_question_once_lent_while_it_is_there() -> None:
    """Of two questions the hash would take the other one; of two loans the older one that still serves counts."""
    stands = made_stands({"r-1": [1], "r-2": [-1], "r-3": [1]})
    have = [question("x", ("m-1",)), question("y", ("m-2",))]
    both = paired([match("m-1"), match("m-2")], have, PROFILES)
    drawn, other = sorted(("q-x", "q-y"), key=lambda name: digest("alone", "r-3", name))
    everybody = crowd(stands, *PROFILES.values())

    def lent(*loans: tuple[str, str]) -> list[str]:
        return [one.question_id for one in unpaired(everybody, have, both, loans)]

    assert lent(("r-3", other)) == [other]
    assert lent(("r-3", "q-gone"), ("r-3", other), ("r-3", drawn)) == [other]
    assert lent(("r-3", "q-gone"), ("r-1", other)) == [drawn]
