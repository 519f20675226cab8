"""Counterparts: couples of people who stand on opposite sides, matched once and never redrawn.

People are matched as *couples* that share several questions, not afresh for every question: the groups of instances
that hang together through a person or a pair then stay small, and with them the intervals of every later number.

Within one country, language and split, candidates are taken greedily, rounds first: everyone gets a first partner
before anyone gets a second (`max_uses` rounds). Within a round the couple goes first that opposes on most targets not
yet served, then the nearer one in demographics, then the lower hash: deterministic, and blind to file order. A place of
more than `Caps.together` people is parted by hash, afresh in every round, and candidates are those of one part. People
still without any counterpart are then sought within their region (marked `region`, left out of the primary figure).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from builder.stands import Stands
from schemas.identity import content_id, digest
from schemas.questions import Dropped, Match, Scope, Stand
from schemas.survey import Respondent
from schemas.values import Split, ValueProfile

COUNTERPARTS_VERSION = 4


@dataclass(frozen=True)
class Caps:
    """How far people are reused, and whether a region will do."""

    max_uses: int
    """Different partners one person may have."""
    max_per_couple: int
    """Questions one couple may share."""
    regional: bool
    together: int = 1_000
    """People of one place who are all compared with one another: time and memory go with its square."""


class _Place(NamedTuple):
    """What counterparts have in common."""

    country: str | None
    language: str
    split: Split


@dataclass
class _State:
    """What has been given out so far; grows as couples are made."""

    partners: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    served: set[tuple[str, int]] = field(default_factory=set)
    """(respondent, target index) that stand in a pair already."""
    shared: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Couple, the lower id first -> its matches."""
    matches: list[Match] = field(default_factory=list)

    def add(self, new: Match, target: int) -> None:
        first, second = new.first.respondent_id, new.second.respondent_id
        self.matches.append(new)
        self.partners[first].add(second)
        self.partners[second].add(first)
        self.served |= {(first, target), (second, target)}
        self.shared[first, second] += 1


def match(
    people: Mapping[str, Respondent],
    profiles: Sequence[ValueProfile],
    stands: Stands,
    caps: Caps,
    recorded: Sequence[Match],
) -> tuple[list[Match], list[Dropped]]:
    """Return all matches, `recorded` ones first as far as they still hold, and who stays without, with the reason.

    `profiles` and `stands` are row by row the same people. How sure a side is comes from `stands`, for a recorded match
    too: what is kept is who was matched with whom on what. A recorded match is dropped only where its members are gone
    or no longer stand on opposite sides (`no-longer-opposed`), are no longer of one country, language and split
    (`no-longer-together`: the split shares or the survey were changed), or have an earlier match on the same target
    (`superseded`: it stands again), and where `caps` now forbid it (`over-cap`, `regional-off`). Reasons for a person:
    `country-unknown`, `no-stand` (on no side of anything with enough certainty), `no-counterpart`.
    """
    places = {
        profile.respondent_id: _Place(profile.country, people[profile.respondent_id].language, profile.split)
        for profile in profiles
    }
    state = _State()
    dropped = _keep_recorded(recorded, places, stands, caps, state)
    groups: dict[tuple[str, str, Split], list[int]] = defaultdict(list)
    regions: dict[tuple[str, str, Split], list[int]] = defaultdict(list)
    for row, profile in enumerate(profiles):
        person = people[profile.respondent_id]
        if profile.country is None:
            dropped.append(Dropped(stage="generate", subject=profile.respondent_id, reason="country-unknown"))
            continue
        groups[profile.country, person.language, profile.split].append(row)
        if person.region is not None:
            regions[person.region, person.language, profile.split].append(row)
    for key in sorted(groups):
        members = _Group(tuple(groups[key]), frozenset(groups[key]), Scope.COUNTRY, key[0], key[1], key[2])
        _match_group(members, people, stands, caps, state)
    if caps.regional:
        for key in sorted(regions):
            alone = frozenset(row for row in regions[key] if not state.partners[stands.respondents[row]])
            members = _Group(tuple(regions[key]), alone, Scope.REGION, None, key[1], key[2])
            _match_group(members, people, stands, caps, state)
    dropped.extend(_left_out(profiles, stands, state))
    return state.matches, dropped


@dataclass(frozen=True)
class _Group:
    rows: tuple[int, ...]
    """Of everybody there, which decides how they are parted: who is without a counterpart changes."""
    seeking: frozenset[int]
    """Of those who are to be matched."""
    scope: Scope
    country: str | None
    language: str
    split: Split


def _keep_recorded(
    recorded: Sequence[Match], places: Mapping[str, _Place], stands: Stands, caps: Caps, state: _State
) -> list[Dropped]:
    """Oldest first, so that what stands depends on the record and not on when it was asked."""
    dropped: list[Dropped] = []
    row_of = {respondent: row for row, respondent in enumerate(stands.respondents)}
    index_of = {(target.recipe, target.dimensions): index for index, target in enumerate(stands.targets)}
    for old in recorded:
        target = index_of.get((old.recipe, old.dimensions))
        both = (old.first, old.second)
        if target is None or not all(_stands_as_before(stand, target, row_of, stands) for stand in both):
            dropped.append(Dropped(stage="generate", subject=old.id, reason="no-longer-opposed"))
            continue
        is_together = all(_is_where_it_was(old, places[stand.respondent_id]) for stand in both)
        reason = _in_the_way(old, target, caps, state) if is_together else "no-longer-together"
        if reason is None:
            first, second = (_stand(stands, row_of[stand.respondent_id], target) for stand in both)
            state.add(old.model_copy(update={"first": first, "second": second}), target)
        else:
            dropped.append(Dropped(stage="generate", subject=old.id, reason=reason))
    return dropped


def _in_the_way(old: Match, target: int, caps: Caps, state: _State) -> str | None:
    """Return why a match that still holds cannot stand beside those kept so far, or None."""
    first, second = old.first.respondent_id, old.second.respondent_id
    if old.scope is Scope.REGION and not caps.regional:
        return "regional-off"
    if (first, target) in state.served or (second, target) in state.served:
        return "superseded"
    is_couple = second in state.partners[first]
    used_up = any(len(state.partners[person]) >= caps.max_uses for person in (first, second))
    if state.shared[first, second] >= caps.max_per_couple or (used_up and not is_couple):
        return "over-cap"
    return None


def _stands_as_before(stand: Stand, target: int, row_of: Mapping[str, int], stands: Stands) -> bool:
    row = row_of.get(stand.respondent_id)
    sign = 0 if row is None else int(stands.sign[row, target])
    return sign != 0 and stands.targets[target].side(sign) == stand.side


def _is_where_it_was(old: Match, place: _Place) -> bool:
    same_country = old.scope is not Scope.COUNTRY or place.country == old.country
    return same_country and place.language == old.language and place.split is old.split


def _match_group(group: _Group, people: Mapping[str, Respondent], stands: Stands, caps: Caps, state: _State) -> None:
    for uses in range(1, caps.max_uses + 1):
        for part in _parts(group, uses, stands, caps):
            if len(part.rows) > 1:
                _match_round(part, uses, people, stands, caps, state)


def _parts(group: _Group, uses: int, stands: Stands, caps: Caps) -> Iterator[_Group]:
    """Those who seek, together, or where the place is large in parts, in every round others."""
    count = -(-len(group.rows) // caps.together)
    drawn = group.rows
    if count > 1:
        drawn = tuple(sorted(drawn, key=lambda row: digest("part of a place", uses, stands.respondents[row])))
    for part in range(count):
        yield replace(group, rows=tuple(row for row in drawn[part::count] if row in group.seeking))


def _match_round(
    group: _Group, uses: int, people: Mapping[str, Respondent], stands: Stands, caps: Caps, state: _State
) -> None:
    ids = [stands.respondents[row] for row in group.rows]
    sign = stands.sign[list(group.rows)].astype(np.float32)
    for local, respondent in enumerate(ids):
        for target in range(sign.shape[1]):
            if (respondent, target) in state.served:
                sign[local, target] = 0
    free = np.array([len(state.partners[respondent]) < uses for respondent in ids], dtype=np.bool_)
    if free.sum() < 2:  # noqa: PLR2004 - a couple takes two
        return
    distance = _distances([people[respondent] for respondent in ids])
    for one, other in _ranked(sign, distance, ids, free):
        if not (free[one] and free[other]) or ids[other] in state.partners[ids[one]]:
            continue
        if group.scope is Scope.REGION and people[ids[one]].country == people[ids[other]].country:
            continue  # compatriots were tried first and found no target
        _join(group, (group.rows[one], group.rows[other]), float(distance[one, other]), stands, caps, state)
        for local in (one, other):
            free[local] = len(state.partners[ids[local]]) < uses


def _ranked(
    sign: NDArray[np.float32], distance: NDArray[np.float64], ids: Sequence[str], free: NDArray[np.bool_]
) -> Iterator[tuple[int, int]]:
    """Couples that oppose on something: most targets first, then nearest, then by hash.

    While they are asked for, those of whom one is no longer `free` are left out.
    """
    high, low = (sign > 0).astype(np.float32), (sign < 0).astype(np.float32)
    opposed = high @ low.T + low @ high.T  # counts, exact in any order of adding
    one, other = np.nonzero(np.triu(opposed, k=1))
    most, near = -opposed[one, other], distance[one, other]
    order = np.lexsort((near, most))
    one, other, most, near = one[order], other[order], most[order], near[order]
    begins = np.flatnonzero((np.diff(most) != 0) | (np.diff(near) != 0)) + 1
    for equals in np.split(np.arange(len(one)), begins):
        left = equals[free[one[equals]] & free[other[equals]]]
        couples = [(int(one[place]), int(other[place])) for place in left]
        yield from sorted(couples, key=lambda couple: _tie(ids[couple[0]], ids[couple[1]]))


def _tie(one: str, other: str) -> int:
    return int(digest("couple", *sorted((one, other)))[:12], 16)


def _join(group: _Group, rows: tuple[int, int], distance: float, stands: Stands, caps: Caps, state: _State) -> None:
    """Record the couple's matches: its most certain open targets, up to the cap."""
    first, second = sorted(rows, key=lambda row: stands.respondents[row])
    first_id, second_id = stands.respondents[first], stands.respondents[second]
    opposed = [
        target
        for target in range(len(stands.targets))
        if stands.sign[first, target] * stands.sign[second, target] == -1
        and (first_id, target) not in state.served
        and (second_id, target) not in state.served
    ]
    opposed.sort(key=lambda target: (max(stands.error[first, target], stands.error[second, target]), target))
    reused = bool(state.partners[first_id] or state.partners[second_id])
    for target in opposed[: caps.max_per_couple]:
        what = stands.targets[target]
        one, other = _stand(stands, first, target), _stand(stands, second, target)
        # All that decides whether it stands: members that changed sides or moved to another split are another match.
        place = (group.country, group.language, group.split, group.scope)
        new = Match(
            id=content_id("m", what.recipe, list(what.dimensions), *place, first_id, one.side, second_id, other.side),
            recipe=what.recipe,
            dimensions=what.dimensions,
            country=group.country,
            language=group.language,
            split=group.split,
            scope=group.scope,
            first=one,
            second=other,
            distance=distance,
            reused=reused,
        )
        state.add(new, target)


def _stand(stands: Stands, row: int, target: int) -> Stand:
    return Stand(
        respondent_id=stands.respondents[row],
        side=stands.targets[target].side(int(stands.sign[row, target])),
        error_probability=float(stands.error[row, target]),
    )


def _distances(people: Sequence[Respondent]) -> NDArray[np.float64]:
    """Share of the demographics known of both in which two people differ, shape (people, people)."""
    names = sorted({name for person in people for name in person.demographics.known})
    differ = np.zeros((len(people), len(people)))
    both = np.zeros_like(differ)
    for name in names:
        values = [person.demographics.known.get(name) for person in people]
        codes = {value: code for code, value in enumerate(sorted({value for value in values if value is not None}))}
        coded = np.array([codes[value] if value is not None else -1 for value in values])
        known = (coded >= 0)[:, None] & (coded >= 0)[None, :]
        both += known
        differ += known & (coded[:, None] != coded[None, :])
    return np.where(both > 0, differ / np.maximum(both, 1), 1.0)


def _left_out(profiles: Sequence[ValueProfile], stands: Stands, state: _State) -> list[Dropped]:
    dropped: list[Dropped] = []
    for row, profile in enumerate(profiles):
        if state.partners[profile.respondent_id] or profile.country is None:
            continue
        reason = "no-counterpart" if stands.sign[row].any() else "no-stand"
        dropped.append(Dropped(stage="generate", subject=profile.respondent_id, reason=reason))
    return dropped


def summary(matches: Sequence[Match], dropped: Sequence[Dropped]) -> dict[str, int]:
    """Return the counts that end the stage: pairs by recipe and scope, people paired, reused and left out."""
    counts: Counter[str] = Counter()
    people = Counter(stand.respondent_id for match_row in matches for stand in (match_row.first, match_row.second))
    couples: dict[str, set[str]] = defaultdict(set)
    for match_row in matches:
        counts[f"pairs {match_row.recipe} {match_row.scope}"] += 1
        couples[match_row.first.respondent_id].add(match_row.second.respondent_id)
        couples[match_row.second.respondent_id].add(match_row.first.respondent_id)
    counts["people paired"] = len(people)
    counts["people with two partners or more"] = sum(len(partners) > 1 for partners in couples.values())
    for drop in dropped:
        counts[f"left out {drop.reason}"] += 1
    return dict(sorted(counts.items()))
