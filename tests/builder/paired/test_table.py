"""The table by hand on made-up people, as sums on any, and on real ones where they are there."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.counterparts import Caps, match
from builder.frameworks import load_framework
from builder.paired import as_markdown, in_words, pairing
from builder.profiles.profile import profile
from builder.stands import Stands, Target, stands
from builder.survey import built_in_codebooks, import_survey, read_codebook
from schemas.errors import Defect
from schemas.pairing import PairingFigures, PairingRow, PairingTable
from schemas.questions import Match, Recipe
from schemas.study import GenerateSection, ProfileSection
from schemas.survey import CountryOf, Respondent
from schemas.values import DimensionScore, Level, ValueProfile
from tests.builder.made import made_person, made_profile
from tests.real import D3CODE, needs_d3code

TARGETS = (
    Target(Recipe.SIDES, ("amber",)),
    Target(Recipe.SIDES, ("blue",)),
    Target(Recipe.TRADEOFF, ("amber", "blue")),
)
CAPS = Caps(max_uses=2, max_per_couple=6, regional=True)


class People:
    """Respondents, profiles and stands that belong together."""

    def __init__(self) -> None:
        self.respondents: list[Respondent] = []
        self.profiles: list[ValueProfile] = []
        self.signs: list[Sequence[int]] = []

    def add(
        self,
        count: int,
        signs: Sequence[int],
        country: str | None = "KE",
        scores: Mapping[str, float] | None = None,
        known: Mapping[str, str] | None = None,
        region: str | None = None,
    ) -> "People":
        """Add people who stand at `signs` on amber, blue, amber over blue; every raw score stands for (raw - 50)/10."""
        for _ in range(count):
            person = made_person(f"p-{len(self.respondents):03d}", None, country, region, known)
            both = {"amber": 50.0, "blue": 50.0} if scores is None else scores
            self.respondents.append(person)
            self.profiles.append(made_profile(person).model_copy(update={"scores": tuple(map(_score, both.items()))}))
            self.signs.append(signs)
        return self

    @property
    def stands(self) -> Stands:
        """Of everybody, in the order in which they were added."""
        sign = np.array(self.signs, dtype=np.int8).reshape(len(self.signs), len(TARGETS))
        names = tuple(person.id for person in self.respondents)
        return Stands(names, TARGETS, sign, np.where(sign == 0, np.nan, 0.1))

    def matches(self, caps: Caps = CAPS) -> list[Match]:
        """Whatever pairs can be made."""
        made, _ = match({person.id: person for person in self.respondents}, self.profiles, self.stands, caps, [])
        return made

    def table(self) -> PairingTable:
        """Of everybody and their matches."""
        return pairing(self.profiles, self.respondents, self.stands, self.matches())


def _score(item: tuple[str, float]) -> DimensionScore:
    name, raw = item
    return DimensionScore(
        dimension=name,
        raw=raw,
        centred=0,
        standardised=(raw - 50) / 10,
        standard_error=5,
        standard_error_centred=5,
        standard_error_standardised=0.5,
        level=Level.NONE,
        items=(),
    )


def told(row: PairingRow) -> PairingFigures:
    assert row.figures is not None
    return row.figures


def kenya() -> People:
    """Of 40, 24 are high on amber (80), 12 low (20), 4 on neither side (50); four of the low ones are men."""
    people = People()
    people.add(24, (1, 0, 0), scores={"amber": 80, "blue": 50}, known={"sex": "f"})
    people.add(8, (-1, 0, 0), scores={"amber": 20, "blue": 50}, known={"sex": "f"})
    people.add(4, (-1, 0, 0), scores={"amber": 20, "blue": 50}, known={"sex": "m"})
    return people.add(4, (0, 0, 0), known={"sex": "m"})


def test_a_target_by_hand() -> None:
    """Everyone has one match on a target, so the 12 low ones find 12 of the 24 high ones: 24 of 36 are paired."""
    table = kenya().table()
    figures = told(table.rows[0])
    assert (table.rows[0].country, table.rows[0].recipe, table.rows[0].dimensions) == ("KE", Recipe.SIDES, ("amber",))
    assert (figures.people, figures.measured, figures.with_side, figures.opposite) == (40, 40, 36, 36)
    shares = [one.value if one else None for one in (figures.first, figures.second, figures.none)]
    assert shares == [0.6, 0.3, 0.1]
    assert (figures.paired.part, figures.paired.whole) == (24, 36)
    assert (figures.paired_in_country, figures.paired_in_region) == (24, 0)
    assert (figures.reuse.mean, figures.reuse.most, figures.reuse.shared_places) == (1, 1, 0)


def test_the_paired_beside_all_by_hand() -> None:
    """Paired: 12 at 80 and 12 at 20, mean 50. All: (24 * 80 + 12 * 20 + 4 * 50) / 40 = 59.

    Of the paired, the low side is all twelve; 4 of 24 are men (all of them low), of all 8 of 40: .1667 beside .2, but a
    value that 8 people have is not named.
    """
    figures = told(kenya().table().rows[0])
    means = {(one.dimension, one.side): (one.paired.raw, one.all.raw) for one in figures.scores}
    assert means == {
        ("amber", None): (50, 59),
        ("amber", "amber:high"): (80, 80),
        ("amber", "amber:low"): (20, 20),
    }
    assert figures.scores[0].all.standardised == pytest.approx(0.9)
    (sex,) = figures.demographics
    assert (sex.paired, sex.all) == (24, 40)
    (women,) = sex.largest
    assert (women.value, women.paired, women.all) == ("f", pytest.approx(20 / 24), 0.8)


def test_partners_are_counted_over_all_targets() -> None:
    """Ten are high on amber and low on blue; ten low on amber, ten high on blue: each of the ten has two partners.

    Of the 40 places, twenty are theirs.
    """
    people = People().add(10, (1, -1, 0)).add(10, (-1, 0, 0)).add(10, (0, 1, 0))
    table = people.table()
    whole = told(table.whole).reuse
    assert (whole.mean, whole.most, whole.shared_places) == (pytest.approx(40 / 30), 2, 0.5)
    amber = told(table.targets[0]).reuse
    assert (amber.mean, amber.most, amber.shared_places) == (1.5, 2, 0.5)


def test_pairs_of_a_region_count_in_each_ones_own_country() -> None:
    people = People().add(12, (1, 0, 0), "KE", region="Africa").add(12, (-1, 0, 0), "TZ", region="Africa")
    table = people.table()
    kenya, tanzania = (told(row) for row in table.countries)
    for figures in (kenya, tanzania):
        assert (figures.paired_in_country, figures.paired_in_region, figures.opposite) == (0, 12, 0)
    assert told(table.whole).paired_in_region == 24


def test_a_country_of_nine_is_in_the_totals_and_not_told() -> None:
    people = kenya().add(5, (1, 0, 0), "TZ").add(4, (-1, 0, 0), "TZ").add(3, (1, 0, 0), None)
    table = people.table()
    rows = [row for row in table.rows if row.country == "TZ"]
    assert len(rows) == len(TARGETS)
    assert {(row.figures, row.undefined) for row in rows} == {(None, "fewer than 10 people")}
    whole = told(table.whole)
    assert (whole.people, whole.paired.part, table.without_country) == (52, 24 + 8, 3)
    assert "fewer than 10 people: Tanzania" in in_words(table)[-1]
    assert "Tanzania | – |" in as_markdown(table)


def test_who_was_not_measured_is_in_no_share() -> None:
    people = People().add(10, (1, 0, 0), scores={"amber": 80.0}).add(10, (-1, 1, 0))
    table = people.table()
    amber, blue, both = (told(row) for row in table.targets)
    assert (amber.measured, blue.measured, both.measured) == (20, 10, 10)
    assert blue.first is not None
    assert (blue.first.part, blue.first.whole) == (10, 10)


def test_nobody_at_all() -> None:
    table = People().table()
    assert (table.rows, table.countries, len(table.targets)) == ((), (), 3)
    assert table.whole.figures is None
    assert in_words(table) == ["nobody is told of: fewer than 10 people"]
    assert as_markdown(table) == "Nobody is told of: fewer than 10 people.\n"


def test_nobody_paired() -> None:
    figures = told(People().add(20, (1, 0, 0), known={"sex": "f"}).table().whole)
    assert (figures.paired.value, figures.reuse.undefined) == (0, "nobody was paired")
    assert figures.demographics[0].undefined == "fewer than 10 people"


def test_tables_that_do_not_belong_together_are_a_defect() -> None:
    people = kenya()
    made = people.matches()
    with pytest.raises(Defect, match="same people"):
        pairing(people.profiles[1:], people.respondents, people.stands, made)
    with pytest.raises(Defect, match="these people and targets"):
        pairing(people.profiles, people.respondents, people.stands, [made[0].model_copy(update={"recipe": "paper"})])
    people.signs[:] = [(0, 0, 0)] * len(people.signs)
    with pytest.raises(Defect, match="on no side"):
        pairing(people.profiles, people.respondents, people.stands, made)


@st.composite
def peoples(draw: st.DrawFn) -> People:
    people = People()
    side = st.sampled_from([-1, 0, 1])
    for _ in range(draw(st.integers(0, 6))):
        people.add(
            draw(st.integers(10, 25)),
            draw(st.tuples(side, side, side)),
            draw(st.sampled_from(["KE", "TZ", "BR"])),
            {"amber": draw(st.floats(0, 100)), "blue": draw(st.floats(0, 100))},
            draw(st.dictionaries(st.sampled_from(["sex", "age"]), st.sampled_from("abc"))),
            draw(st.sampled_from([None, "Africa"])),
        )
    return people


@pytest.mark.slow
@settings(max_examples=40)
@given(peoples(), st.randoms(use_true_random=False))
def test_counts_add_up_and_the_order_of_rows_says_nothing(people: People, luck: random.Random) -> None:
    table, matches = people.table(), people.matches()
    for place, target in enumerate(table.targets):
        rows = [told(row) for row in table.rows if (row.recipe, row.dimensions) == (target.recipe, target.dimensions)]
        assert [row.dimensions for row in table.rows[place :: len(TARGETS)]] == [target.dimensions] * len(rows)
        if target.figures is None:
            continue
        whole = target.figures
        for name in ("people", "measured", "with_side", "opposite", "paired_in_country", "paired_in_region"):
            assert getattr(whole, name) == sum(getattr(row, name) for row in rows)
        for row in (*rows, whole):
            assert row.first is not None
            assert row.second is not None
            assert row.none is not None
            assert row.first.part + row.second.part == row.with_side
            assert row.first.part + row.second.part + row.none.part == row.measured
            assert row.paired_in_country + row.paired_in_region == row.paired.part <= row.with_side
    if table.whole.figures is not None:
        assert table.whole.figures.paired.part == len(
            {stand.respondent_id for one in matches for stand in (one.first, one.second)}
        )
    shuffled = [*zip(people.profiles, people.signs, strict=True)]
    others = [*people.respondents]
    for rows_ in (shuffled, others, matches):
        luck.shuffle(rows_)  # type: ignore[arg-type]
    moved = People()
    moved.profiles, moved.signs = [one for one, _ in shuffled], [signs for _, signs in shuffled]
    moved.respondents = [next(person for person in others if person.id == one.respondent_id) for one in moved.profiles]
    assert pairing(moved.profiles, others, moved.stands, matches) == table


def test_foreign_texts_stay_text() -> None:
    people = People().add(12, (1, 0, 0), known={"sex": "<b>\x1b[31m|x"})
    people.add(12, (-1, 0, 0), known={"sex": "f"}).add(12, (1, 0, 0), known={"sex": "f"})
    table = people.table()
    assert "\x1b" not in "".join(in_words(table))
    assert r"\<b\>\[31m\|x" in as_markdown(table)


@pytest.mark.slow
@needs_d3code
def test_real_people() -> None:
    """On care few of d3code stand low, and a pair takes one of either side."""
    book = read_codebook(built_in_codebooks()["d3code"])
    framework = load_framework(book.framework, Path())
    survey, stream = import_survey(D3CODE, book, framework, CountryOf.RESIDENCE)
    people = list(stream.rows)
    profiles = list(profile(survey, people, framework, ProfileSection()).rows)
    standing = stands(profiles, framework, GenerateSection().recipes)
    matches, _ = match({person.id: person for person in people}, profiles, standing, CAPS, [])
    table = pairing(profiles, people, standing, matches)
    assert (told(table.whole).people, len(table.countries), len(table.targets)) == (4309, 21, 6 + 15)
    sides = [stand.respondent_id for one in matches for stand in (one.first, one.second)]
    assert told(table.whole).paired.part == len(set(sides))
    care = told(table.targets[0])
    assert care.first is not None
    assert care.second is not None
    assert care.first.part > 10 * care.second.part
    # one match on a target each: as many of one side as of the other
    high, low = (one for one in care.scores if one.side is not None)
    assert high.paired.people == low.paired.people == care.paired.part / 2
    assert len(in_words(table)) < 40
