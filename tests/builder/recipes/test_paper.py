"""The reference's recipe: stated levels, records, and what of them reaches a writer."""

import pytest

from builder.recipes.paper import PaperRecord, Stated, records, stated
from schemas.codebook import FreeText
from schemas.questions import Dropped
from schemas.study import LevelRule
from tests.builder.made import made_person, made_profile, made_scores

LEVELS = LevelRule()
BOTH = Stated(("amber", "crimson"), (1, -1), (0.1, 0.3))
TEXTS = (
    FreeText(name="about", column="about", to_api=True),
    FreeText(name="openings", column="openings", to_api=True, records=True),
    FreeText(name="secret", column="secret", to_api=False),
)


def test_levels_are_those_of_the_thresholds_on_the_raw_score() -> None:
    """80 and 60 count, 61 to 79 are left out."""
    said = stated(made_scores([[80.0, 70.0, 60.0], [79.0, 61.0, 70.0], [0.0, 100.0, 100.0]], 5.0), LEVELS)
    assert [(one.dimensions, one.signs) for one in said] == [
        (("amber", "crimson"), (1, -1)),
        ((), ()),
        (("amber", "blue", "crimson"), (-1, 1, 1)),
    ]


def test_a_side_says_some_or_all_and_its_opposite_turns_every_part() -> None:
    assert BOTH.side(("amber", "crimson")) == "amber:high+crimson:low"
    assert BOTH.side(("amber", "crimson"), turn=-1) == "amber:low+crimson:high"
    assert BOTH.side(("crimson",)) == "crimson:low"


def test_a_side_is_wrong_where_any_of_its_levels_is() -> None:
    """1 - .9 * .7."""
    assert BOTH.error(("amber", "crimson")) == pytest.approx(0.37)
    assert BOTH.error(("crimson",)) == pytest.approx(0.3)


def made(text: dict[str, str], country: str | None = "KE", said: Stated = BOTH) -> list[PaperRecord | Dropped]:
    person = made_person("r-1", country=country).model_copy(update={"free_text": text})
    return list(records([made_profile(person)], {"r-1": person}, [said], TEXTS))


def test_every_line_of_a_text_of_records_is_one_with_the_words_that_belong_to_all() -> None:
    found = made({"about": "I bake.", "openings": "Hello\nHow are you", "secret": "my name"})
    assert [one.words for one in found if isinstance(one, PaperRecord)] == ["I bake.\nHello", "I bake.\nHow are you"]
    assert len({one.id for one in found if isinstance(one, PaperRecord)}) == 2


def test_other_levels_are_another_record() -> None:
    one, other = (made({}, said=Stated(("amber", "crimson"), signs, (0.1, 0.3)))[0] for signs in ((1, -1), (1, 1)))
    assert isinstance(one, PaperRecord)
    assert isinstance(other, PaperRecord)
    assert one.id != other.id


def test_without_such_a_text_a_person_is_one_record() -> None:
    (one,) = made({})
    assert isinstance(one, PaperRecord)
    assert (one.words, one.stated) == ("", BOTH)
    assert one.serves() == (f"{one.id}/1", f"{one.id}/2", f"{one.id}/3")


def test_words_that_may_not_leave_still_count_as_records() -> None:
    kept = (FreeText(name="openings", column="openings", to_api=False, records=True),)
    person = made_person("r-1").model_copy(update={"free_text": {"openings": "a\nb\nc"}})
    found = list(records([made_profile(person)], {"r-1": person}, [BOTH], kept))
    assert [one.words for one in found if isinstance(one, PaperRecord)] == ["", "", ""]


@pytest.mark.parametrize(
    ("country", "said", "reason"),
    [(None, BOTH, "country-unknown"), ("KE", Stated((), (), ()), "no-stated-level")],
)
def test_who_cannot_be_asked_is_dropped_with_the_reason(country: str | None, said: Stated, reason: str) -> None:
    (drop,) = made({"openings": "a\nb"}, country, said)
    assert isinstance(drop, Dropped)
    assert (drop.subject, drop.reason) == ("r-1", reason)
