"""Counterparts: what always holds of them, and small cases by hand."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from builder.counterparts import Caps, match, summary
from builder.stands import Stands
from schemas.questions import Dropped, Match, Scope
from schemas.survey import Respondent
from schemas.values import Split
from tests.builder.made import made_person, made_profile, made_stands, made_targets

REGION = {"KE": "Africa", "ZM": "Africa", "PE": "Americas", None: None}


@dataclass(frozen=True)
class Crowd:
    """People with their splits and signs."""

    people: tuple[Respondent, ...]
    splits: tuple[Split, ...]
    signs: tuple[tuple[int, ...], ...]

    def match(
        self, caps: Caps, recorded: Sequence[Match] = (), order: Sequence[int] | None = None
    ) -> tuple[list[Match], list[Dropped]]:
        """Match them, told in the given order of rows."""
        rows = range(len(self.people)) if order is None else order
        profiles = [made_profile(self.people[row], self.splits[row]) for row in rows]
        return match({person.id: person for person in self.people}, profiles, self.stands(rows), caps, recorded)

    def stands(self, rows: Sequence[int]) -> Stands:
        """With an error probability that grows from target to target."""
        errors = [[abs(sign) * (0.01 + 0.02 * target) for target, sign in enumerate(self.signs[row])] for row in rows]
        return made_stands({self.people[row].id: self.signs[row] for row in rows}, errors)


@st.composite
def crowds(draw: st.DrawFn, least: int = 2, most: int = 14, first: int = 0) -> Crowd:
    count = draw(st.integers(least, most))
    countries = st.sampled_from(["KE", "KE", "ZM", "PE", None])
    traits = st.fixed_dictionaries({}, optional={"age": st.sampled_from("xyz"), "gender": st.sampled_from("mf")})
    people = []
    for place in range(first, first + count):
        country = draw(countries)
        person = made_person(f"r-{place:02}", country=country, region=REGION[country], known=draw(traits))
        people.append(person)
    splits = draw(st.lists(st.sampled_from([Split.TRAIN, Split.TEST]), min_size=count, max_size=count))
    signs = draw(st.lists(st.tuples(*[st.sampled_from([-1, 0, 1])] * 4), min_size=count, max_size=count))
    return Crowd(tuple(people), tuple(splits), tuple(signs))


CAPS = st.builds(
    Caps,
    max_uses=st.integers(1, 3),
    max_per_couple=st.integers(1, 4),
    regional=st.booleans(),
    together=st.sampled_from([2, 3, 1_000]),
)


def partners(matches: Sequence[Match]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for one in matches:
        found[one.first.respondent_id].add(one.second.respondent_id)
        found[one.second.respondent_id].add(one.first.respondent_id)
    return found


@given(crowds(), CAPS)
def test_members_stand_on_opposite_sides_of_one_place(crowd: Crowd, caps: Caps) -> None:
    place = {person.id: row for row, person in enumerate(crowd.people)}
    for one in crowd.match(caps)[0]:
        first, second = place[one.first.respondent_id], place[one.second.respondent_id]
        target = made_targets(4)[[what.dimensions for what in made_targets(4)].index(one.dimensions)]
        index = made_targets(4).index(target)
        assert one.first.respondent_id < one.second.respondent_id
        assert crowd.signs[first][index] * crowd.signs[second][index] == -1
        assert one.first.side == target.side(crowd.signs[first][index])
        assert one.second.side == target.side(crowd.signs[second][index])
        assert crowd.splits[first] is crowd.splits[second] is one.split
        mine, theirs = crowd.people[first], crowd.people[second]
        if one.scope is Scope.COUNTRY:
            assert mine.country == theirs.country == one.country
        else:
            assert caps.regional
            assert mine.country != theirs.country
            assert mine.region == theirs.region is not None
            assert one.country is None


@given(crowds(), CAPS)
def test_nobody_is_used_beyond_the_caps(crowd: Crowd, caps: Caps) -> None:
    matches, _ = crowd.match(caps)
    assert all(len(others) <= caps.max_uses for others in partners(matches).values())
    shared: dict[tuple[str, str], int] = defaultdict(int)
    asked: dict[tuple[str, tuple[str, ...]], int] = defaultdict(int)
    for one in matches:
        shared[one.first.respondent_id, one.second.respondent_id] += 1
        asked[one.first.respondent_id, one.dimensions] += 1
        asked[one.second.respondent_id, one.dimensions] += 1
    assert all(count <= caps.max_per_couple for count in shared.values())
    assert all(count == 1 for count in asked.values())
    assert len({one.id for one in matches}) == len(matches)


@given(crowds(), CAPS)
def test_everybody_is_paired_or_left_out_once_with_a_reason(crowd: Crowd, caps: Caps) -> None:
    matches, dropped = crowd.match(caps)
    paired = set(partners(matches))
    assert len(dropped) == len({drop.subject for drop in dropped})
    assert paired.isdisjoint(drop.subject for drop in dropped)
    assert paired | {drop.subject for drop in dropped} == {person.id for person in crowd.people}
    reasons = {drop.subject: drop.reason for drop in dropped}
    for row, person in enumerate(crowd.people):
        if person.country is None:
            assert reasons[person.id] == "country-unknown"
        elif not any(crowd.signs[row]):
            assert reasons[person.id] == "no-stand"
        elif person.id in reasons:
            assert reasons[person.id] == "no-counterpart"


@given(crowds(), CAPS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(crowd: Crowd, caps: Caps, random: Random) -> None:
    order = list(range(len(crowd.people)))
    random.shuffle(order)
    matches, dropped = crowd.match(caps)
    again, dropped_again = crowd.match(caps, order=order)
    assert again == matches
    assert sorted(dropped_again, key=str) == sorted(dropped, key=str)


@given(crowds(), crowds(least=1, first=50), CAPS)
def test_what_is_recorded_stays_when_people_are_added(crowd: Crowd, more: Crowd, caps: Caps) -> None:
    recorded, _ = crowd.match(caps)
    larger = Crowd(crowd.people + more.people, crowd.splits + more.splits, crowd.signs + more.signs)
    matches, dropped = larger.match(caps, recorded)
    assert matches[: len(recorded)] == recorded
    assert not any(drop.reason.startswith("no-longer") for drop in dropped)
    assert all(len(others) <= caps.max_uses for others in partners(matches).values())
    assert len({one.id for one in matches}) == len(matches)


@given(crowds(), CAPS)
def test_matching_again_changes_nothing(crowd: Crowd, caps: Caps) -> None:
    recorded, dropped = crowd.match(caps)
    assert crowd.match(caps, recorded) == (recorded, dropped)


BOTH = Caps(max_uses=2, max_per_couple=6, regional=True)


def crowd_of(*rows: tuple[str, Split, tuple[int, ...]]) -> Crowd:
    return Crowd(
        tuple(
            made_person(f"r-{place}", country=country, region=REGION[country])
            for place, (country, _, _) in enumerate(rows)
        ),
        tuple(split for _, split, _ in rows),
        tuple(signs for _, _, signs in rows),
    )


def couples(matches: Sequence[Match]) -> set[tuple[str, str]]:
    return {(one.first.respondent_id, one.second.respondent_id) for one in matches}


def test_the_couple_that_opposes_on_more_goes_first() -> None:
    """r-0 opposes r-1 on both targets, r-2 on one: with one partner each, r-2 stays alone."""
    crowd = crowd_of(("KE", Split.TRAIN, (1, 1)), ("KE", Split.TRAIN, (-1, -1)), ("KE", Split.TRAIN, (-1, 0)))
    matches, dropped = crowd.match(Caps(1, 6, regional=True))
    assert couples(matches) == {("r-0", "r-1")}
    assert len(matches) == 2
    assert [(drop.subject, drop.reason) for drop in dropped] == [("r-2", "no-counterpart")]


def test_everybody_gets_a_first_partner_before_anybody_gets_a_second() -> None:
    """r-0 opposes r-1 on a, b, c and r-2 on d, e; r-3 opposes r-2 on e alone.

    By numbers r-0 would take d and e of r-2 and leave r-3 alone; by rounds r-3 is served first.
    """
    crowd = crowd_of(
        ("KE", Split.TRAIN, (1, 1, 1, 1, 1)),
        ("KE", Split.TRAIN, (-1, -1, -1, 0, 0)),
        ("KE", Split.TRAIN, (0, 0, 0, -1, -1)),
        ("KE", Split.TRAIN, (0, 0, 0, 0, 1)),
    )
    matches, dropped = crowd.match(BOTH)
    assert dropped == []
    assert [(*couple, one.dimensions[0][-1]) for one in matches for couple in couples([one])] == [
        ("r-0", "r-1", "a"),
        ("r-0", "r-1", "b"),
        ("r-0", "r-1", "c"),
        ("r-2", "r-3", "e"),
        ("r-0", "r-2", "d"),
    ]


def test_only_those_of_one_part_are_compared() -> None:
    """Eight people of two sides make four couples; in parts of one nobody meets anybody."""
    crowd = crowd_of(*[("KE", Split.TRAIN, (1 if place % 2 else -1,)) for place in range(8)])
    assert len(crowd.match(Caps(1, 1, regional=False))[0]) == 4
    assert crowd.match(Caps(1, 1, regional=False, together=1))[0] == []


def test_those_whom_one_round_parted_may_meet_in_the_next() -> None:
    """Thirty people, each opposite to fifteen, in parts of two: a second round, in other parts, finds new couples."""
    crowd = crowd_of(*[("KE", Split.TRAIN, (1, 1) if place % 2 else (-1, -1)) for place in range(30)])
    once, twice = (crowd.match(Caps(uses, 1, regional=False, together=2))[0] for uses in (1, 2))
    assert twice[: len(once)] == once
    assert couples(twice) > couples(once)


def test_a_couple_keeps_its_surest_targets() -> None:
    """The error grows with the target: of three opposed targets the first two are asked."""
    crowd = crowd_of(("KE", Split.TRAIN, (1, 1, 1)), ("KE", Split.TRAIN, (-1, -1, -1)))
    matches, _ = crowd.match(Caps(1, 2, regional=False))
    assert [one.dimensions for one in matches] == [("dimension_a",), ("dimension_b",)]


def test_a_neighbouring_country_will_do_only_for_whoever_is_left_alone() -> None:
    crowd = crowd_of(
        ("KE", Split.TRAIN, (1,)), ("KE", Split.TRAIN, (-1,)), ("KE", Split.TRAIN, (1,)), ("ZM", Split.TRAIN, (-1,))
    )
    matches, _ = crowd.match(Caps(1, 1, regional=True))
    assert [one.scope for one in matches] == [Scope.COUNTRY, Scope.REGION]
    assert "r-3" in partners(matches)
    assert crowd.match(Caps(1, 1, regional=False))[0] == matches[:1]


def test_the_nearer_in_demographics_is_preferred() -> None:
    """r-0 is like r-2 and unlike r-1; both oppose it on the same target."""
    people = (
        made_person("r-0", known={"age": "x", "gender": "f"}),
        made_person("r-1", known={"age": "y", "gender": "m"}),
        made_person("r-2", known={"age": "x", "gender": "m"}),
    )
    crowd = Crowd(people, (Split.TRAIN,) * 3, ((1,), (-1,), (-1,)))
    (one,), _ = crowd.match(Caps(1, 1, regional=False))
    assert couples([one]) == {("r-0", "r-2")}
    # They differ in one of the two demographics known of both.
    assert one.distance == 0.5


def test_a_recorded_match_goes_when_its_members_no_longer_oppose() -> None:
    before = crowd_of(("KE", Split.TRAIN, (1,)), ("KE", Split.TRAIN, (-1,)))
    recorded, _ = before.match(BOTH)
    after = crowd_of(("KE", Split.TRAIN, (1,)), ("KE", Split.TRAIN, (0,)))
    matches, dropped = after.match(BOTH, recorded)
    assert matches == []
    assert (recorded[0].id, "no-longer-opposed") in {(drop.subject, drop.reason) for drop in dropped}


def test_a_recorded_match_is_as_sure_as_its_members_are_now() -> None:
    """Errors of .05 and .2 where .1 was recorded; who was matched with whom stays."""
    crowd = crowd_of(("KE", Split.TRAIN, (1,)), ("KE", Split.TRAIN, (-1,)))
    profiles = [made_profile(person) for person in crowd.people]
    people = {person.id: person for person in crowd.people}
    signs = {person.id: crowd.signs[row] for row, person in enumerate(crowd.people)}
    (recorded,), _ = match(people, profiles, made_stands(signs), BOTH, [])
    (kept,), _ = match(people, profiles, made_stands(signs, [[0.05], [0.2]]), BOTH, [recorded])
    assert (recorded.first.error_probability, recorded.second.error_probability) == (0.1, 0.1)
    assert (kept.first.error_probability, kept.second.error_probability) == (0.05, 0.2)
    assert kept.id == recorded.id


def test_a_recorded_match_goes_when_a_member_is_gone() -> None:
    recorded, _ = crowd_of(("KE", Split.TRAIN, (1,)), ("KE", Split.TRAIN, (-1,))).match(BOTH)
    matches, dropped = crowd_of(("KE", Split.TRAIN, (1,))).match(BOTH, recorded)
    assert matches == []
    assert (recorded[0].id, "no-longer-opposed") in {(drop.subject, drop.reason) for drop in dropped}


def test_a_recorded_match_never_straddles_splits_or_countries() -> None:
    """Changing the split shares moves people: a pair with a member in train and one in test would leak."""
    recorded, _ = crowd_of(("KE", Split.TRAIN, (1,)), ("KE", Split.TRAIN, (-1,))).match(BOTH)
    for moved in (("KE", Split.TEST, (-1,)), ("PE", Split.TRAIN, (-1,))):
        matches, dropped = crowd_of(("KE", Split.TRAIN, (1,)), moved).match(BOTH, recorded)
        assert matches == []
        assert (recorded[0].id, "no-longer-together") in {(drop.subject, drop.reason) for drop in dropped}


def test_members_that_changed_sides_are_another_match() -> None:
    """Under the old id the record would say that the first is on the high side."""
    caps = Caps(1, 1, regional=False)
    recorded, _ = crowd_of(("KE", Split.TRAIN, (1,)), ("KE", Split.TRAIN, (-1,))).match(caps)
    flipped, dropped = crowd_of(("KE", Split.TRAIN, (-1,)), ("KE", Split.TRAIN, (1,))).match(caps, recorded)
    assert couples(flipped) == couples(recorded)
    assert flipped[0].id != recorded[0].id
    assert [(drop.subject, drop.reason) for drop in dropped] == [(recorded[0].id, "no-longer-opposed")]


def test_members_that_moved_together_are_another_match() -> None:
    recorded, _ = crowd_of(("KE", Split.TRAIN, (1,)), ("KE", Split.TRAIN, (-1,))).match(BOTH)
    for country, split in (("KE", Split.TEST), ("PE", Split.TRAIN)):
        moved, _ = crowd_of((country, split, (1,)), (country, split, (-1,))).match(BOTH, recorded)
        assert couples(moved) == couples(recorded)
        assert moved[0].id != recorded[0].id


def test_a_person_whose_first_counterpart_comes_back_has_one_match_a_target() -> None:
    """r-1 was matched with r-0, and with r-2 while r-0 was away; asked twice, r-1 would count twice."""
    three = crowd_of(("KE", Split.TRAIN, (1,)), ("KE", Split.TRAIN, (-1,)), ("KE", Split.TRAIN, (1,)))
    with_first, _ = Crowd(three.people[:2], three.splits[:2], three.signs[:2]).match(BOTH)
    meanwhile, _ = Crowd(three.people[1:], three.splits[1:], three.signs[1:]).match(BOTH)
    matches, dropped = three.match(BOTH, [*with_first, *meanwhile])
    assert matches == with_first
    assert (meanwhile[0].id, "superseded") in {(drop.subject, drop.reason) for drop in dropped}


def test_recorded_matches_keep_to_lower_caps() -> None:
    """r-0 opposes r-1 on a and b, r-2 on c."""
    crowd = crowd_of(("KE", Split.TRAIN, (1, 1, 1)), ("KE", Split.TRAIN, (-1, -1, 0)), ("KE", Split.TRAIN, (0, 0, -1)))
    recorded, _ = crowd.match(Caps(2, 6, regional=False))
    assert [one.dimensions[0][-1] for one in recorded] == ["a", "b", "c"]
    for caps, kept in ((Caps(1, 6, regional=False), "ab"), (Caps(2, 1, regional=False), "ac")):
        matches, dropped = crowd.match(caps, recorded)
        assert [one.dimensions[0][-1] for one in matches] == list(kept)
        gone = [one.id for one in recorded if one not in matches]
        assert [drop.subject for drop in dropped if drop.reason == "over-cap"] == gone


def test_recorded_regional_matches_go_when_regions_no_longer_do() -> None:
    crowd = crowd_of(("KE", Split.TRAIN, (1,)), ("ZM", Split.TRAIN, (-1,)))
    recorded, _ = crowd.match(BOTH)
    matches, dropped = crowd.match(Caps(2, 6, regional=False), recorded)
    assert matches == []
    assert (recorded[0].id, "regional-off") in {(drop.subject, drop.reason) for drop in dropped}


@given(crowds(), crowds(least=1), CAPS, CAPS)
def test_whatever_changed_a_recorded_id_never_stands_for_another_match(
    before: Crowd, after: Crowd, then: Caps, now: Caps
) -> None:
    """The same people with other sides, splits, countries and caps: what is recorded can be recorded again."""
    recorded, _ = before.match(then)
    of_id = {one.id: one for one in recorded}
    matches, _ = after.match(now, recorded)
    asked = [(stand.respondent_id, one.dimensions) for one in matches for stand in (one.first, one.second)]
    assert all(of_id.get(one.id, one) == one for one in matches)
    assert all(len(others) <= now.max_uses for others in partners(matches).values())
    assert len(set(asked)) == len(asked)


def test_the_summary_counts_people_once() -> None:
    """r-0 with two partners: three people, one of them with two partners."""
    crowd = crowd_of(("KE", Split.TRAIN, (1, 1)), ("KE", Split.TRAIN, (-1, 0)), ("KE", Split.TRAIN, (0, -1)))
    matches, dropped = crowd.match(BOTH)
    assert summary(matches, dropped) == {
        "pairs sides country": 2,
        "people paired": 3,
        "people with two partners or more": 1,
    }
