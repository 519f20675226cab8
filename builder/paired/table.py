"""The rows of the table: for each country and target, and the totals, who could be paired, was paired, and who that is.

A sample at 85 to 15 becomes pairs at 50 to 50, so the paired are not the people of the survey: without this table
nobody sees in what they differ.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from builder.opposed import chances
from builder.paired.columns import Coded, Mask, Matrix, Numbers, Pairs, People, pairs_of, people_of
from builder.paired.figures import TOO_FEW, demographic, mean_score, reuse, share
from builder.stands import Stands, Target
from schemas.overview import HIDDEN_BELOW
from schemas.pairing import DemographicBeside, PairingFigures, PairingRow, PairingTable, ScoresBeside
from schemas.questions import Match
from schemas.survey import Respondent
from schemas.values import ValueProfile


@dataclass(frozen=True)
class _View:
    """One target, or all of them, as masks over people."""

    target: Target | None
    measured: Mask
    first: Mask
    second: Mask
    """Over all targets `first` is whoever has a side, and nobody is in `second`."""
    opposite: Mask
    places: Numbers
    at_home: Mask

    @property
    def paired(self) -> Mask:
        return self.places > 0


def pairing(
    profiles: Sequence[ValueProfile], respondents: Sequence[Respondent], stands: Stands, matches: Sequence[Match]
) -> PairingTable:
    """Return the table of everybody with a profile; figures of fewer than `HIDDEN_BELOW` people are null.

    Args:
        profiles: of all people, in any order.
        respondents: at least those of `profiles`.
        stands: of `profiles`.
        matches: made from `stands`; the numbers of people count each once, however many matches they are in.

    Raises:
        Defect: `pairing-people`, `pairing-matches` where these do not belong together.
    """
    people = people_of(profiles, respondents, stands)
    pairs = pairs_of(profiles, people, matches)
    by_target = [list(_rows(people, pairs, view)) for view in _views(people, pairs)]
    *targets, whole = by_target
    return PairingTable(
        rows=tuple(rows[place] for place in range(len(people.countries)) for rows in targets),
        targets=tuple(rows[-1] for rows in targets),
        countries=tuple(whole[:-1]),
        whole=whole[-1],
        without_country=int((people.country < 0).sum()),
    )


def _views(people: People, pairs: Pairs) -> Iterator[_View]:
    """Every target, and all of them together last."""
    scored = ~np.isnan(people.raw)
    column = {name: place for place, name in enumerate(people.dimensions)}
    for place, target in enumerate(people.targets):
        sign = people.sign[:, place]
        columns = [column[name] for name in target.dimensions]
        yield _View(
            target=target,
            measured=np.asarray(scored[:, columns].all(axis=1)),
            first=sign > 0,
            second=sign < 0,
            opposite=chances(people.sign[:, [place]], people.place) > 0,
            places=pairs.places[:, place],
            at_home=pairs.at_home[:, place],
        )
    yield _View(
        target=None,
        measured=np.asarray(scored.any(axis=1)),
        first=np.asarray((people.sign != 0).any(axis=1)),
        second=np.zeros(len(people.country), dtype=np.bool_),
        opposite=chances(people.sign, people.place) > 0,
        places=pairs.places.sum(axis=1),
        at_home=np.asarray(pairs.at_home.any(axis=1)),
    )


def _rows(people: People, pairs: Pairs, view: _View) -> Iterator[PairingRow]:
    """A row a country in their order, then one over everybody."""
    count = _Sums(people)
    reused = np.where(pairs.partners > 1, view.places, 0)
    of_all = count(np.ones(len(people.country)))
    of_measured, of_first, of_second = count(view.measured), count(view.first), count(view.second)
    of_opposite, of_paired, of_home = count(view.opposite), count(view.paired), count(view.at_home)
    of_partners, of_places, of_reused = count(pairs.partners * view.paired), count(view.places), count(reused)
    most = count.most(pairs.partners * view.paired)
    scores = _scores(people, view, count)
    demographics = [_demographics(name, coded, view, count) for name, coded in people.demographics.items()]
    for place, country in enumerate((*people.countries, None)):
        first, second, whole = int(of_first[place]), int(of_second[place]), int(of_measured[place])
        of_target = view.target is not None
        figures = PairingFigures(
            people=int(of_all[place]),
            measured=whole,
            first=share(first, whole) if of_target else None,
            second=share(second, whole) if of_target else None,
            none=share(whole - first - second, whole) if of_target else None,
            with_side=first + second,
            opposite=int(of_opposite[place]),
            paired_in_country=int(of_home[place]),
            paired_in_region=int(of_paired[place] - of_home[place]),
            paired=share(int(of_paired[place]), first + second),
            reuse=reuse(
                int(of_paired[place]),
                int(of_partners[place]),
                int(most[place]),
                int(of_places[place]),
                int(of_reused[place]),
            ),
            scores=tuple(one[place] for one in scores),
            demographics=tuple(one[place] for one in demographics),
        )
        is_told = figures.people >= HIDDEN_BELOW
        yield PairingRow(
            country=country,
            recipe=view.target.recipe if view.target else None,
            dimensions=view.target.dimensions if view.target else (),
            figures=figures if is_told else None,
            undefined=None if is_told else TOO_FEW,
        )


class _Sums:
    """Sums by country, shape (countries + 1,): the last is over everybody, of whatever country."""

    def __init__(self, people: People) -> None:
        self._count = len(people.countries)
        self._country = people.country
        self._known = people.country >= 0

    def __call__(self, values: Mask | Numbers | Matrix) -> Matrix:
        by_country = np.bincount(self._country[self._known], values[self._known], minlength=self._count)
        return np.append(by_country, values.sum())

    def most(self, values: Numbers) -> Numbers:
        """Return the largest value by country and of everybody; 0 of nobody."""
        found = np.zeros(self._count + 1, dtype=np.int64)
        np.maximum.at(found, self._country[self._known], values[self._known])
        found[-1] = values.max(initial=0)
        return found

    def by(self, coded: Coded, among: Mask) -> Numbers:
        """Return how many of `among` have each value, shape (countries + 1, values)."""
        width = len(coded.values)
        there = among & (coded.code >= 0)
        at_home = there & self._known
        cells = np.bincount(self._country[at_home] * width + coded.code[at_home], minlength=self._count * width)
        whole = np.bincount(coded.code[there], minlength=width)
        return np.vstack([cells.reshape(self._count, width), whole])


def _scores(people: People, view: _View, count: _Sums) -> list[list[ScoresBeside]]:
    """For each dimension and side of the view, the scores in every row."""
    target = view.target
    found: list[list[ScoresBeside]] = []
    for place, name in enumerate(people.dimensions):
        if target is not None and name not in target.dimensions:
            continue
        measured = ~np.isnan(people.raw[:, place]) & view.measured
        groups: list[tuple[str | None, Mask]] = [(None, measured)]
        if target is not None:
            groups += [(target.side(1), measured & view.first), (target.side(-1), measured & view.second)]
        raw, standardised = np.nan_to_num(people.raw[:, place]), np.nan_to_num(people.standardised[:, place])
        for side, group in groups:
            both = []
            for mask in (group & view.paired, group):
                sums = (count(mask), count(raw * mask), count(standardised * mask))
                both.append([mean_score(int(n), float(a), float(b)) for n, a, b in zip(*sums, strict=True)])
            found.append(
                [
                    ScoresBeside(dimension=name, side=side, paired=paired, all=everyone)
                    for paired, everyone in zip(*both, strict=True)
                ]
            )
    return found


def _demographics(name: str, coded: Coded, view: _View, count: _Sums) -> list[DemographicBeside]:
    return demographic(name, coded.values, count.by(coded, view.paired & view.measured), count.by(coded, view.measured))
