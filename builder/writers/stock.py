"""What of a bank was given, and to whom: nobody is given a text twice, and no text is shared before all are given."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from builder.writers.bank import Bank, Scenario, Variant
from schemas.identity import digest
from schemas.questions import Question, Recipe
from schemas.values import Split


class About(NamedTuple):
    """What is looked for in the bank."""

    recipe: Recipe
    dimensions: tuple[str, ...]
    split: Split


class Taker(NamedTuple):
    """Who is given a text."""

    recipe: Recipe
    """For which it becomes a question: one text is never a question of two recipes."""
    person: str


class Stock:
    """The variants of a bank, each with its takers."""

    def __init__(self, bank: Bank, taken: Sequence[Question] = ()) -> None:
        """Begin with what was given: those of `taken` that are variants of the bank, for whom each was written."""
        self._bank = bank
        self._scenarios: dict[About, tuple[Scenario, ...]] = {}
        self._variants: dict[str, tuple[Variant, ...]] = {}
        """By scenario, as all that follow."""
        self._takers: dict[str, dict[int, set[Taker]]] = {}
        self._give_again(taken)

    def scenarios(self, about: About) -> tuple[Scenario, ...]:
        """Return what there is, in file order; empty where the bank has nothing."""
        if about not in self._scenarios:
            self._scenarios[about] = self._bank.of_split(*about)
        return self._scenarios[about]

    def take(self, serves: str, about: About, taker: Taker) -> tuple[Scenario, Variant]:
        """Return a variant of one of the scenarios, of which there must be some.

        From the one on which a hash of `serves` falls the first that nobody has; where all are given the first that
        only others have, for the same recipe; and where there is none, the hash's own.
        """
        scenarios = self.scenarios(about)
        fresh = (place for place in _walk(serves, scenarios, self._has_fresh) if not self._given(*place))
        found = next(fresh, None)
        if found is None:
            shared = (place for place in _walk(serves, scenarios) if self._may_share(*place, taker))
            found = next(shared, None) or next(_walk(serves, scenarios))
        scenario, index = found
        self._give(scenario, index, taker)
        return scenario, self._filled(scenario)[index]

    def _give(self, scenario: Scenario, index: int, taker: Taker) -> None:
        self._takers.setdefault(scenario.id, {}).setdefault(index, set()).add(taker)

    def _given(self, scenario: Scenario, index: int) -> set[Taker]:
        return self._takers.get(scenario.id, {}).get(index, set())

    def _has_fresh(self, scenario: Scenario) -> bool:
        return len(self._takers.get(scenario.id, ())) < len(self._filled(scenario))

    def _may_share(self, scenario: Scenario, index: int, taker: Taker) -> bool:
        given = self._given(scenario, index)
        return taker not in given and all(other.recipe is taker.recipe for other in given)

    def _filled(self, scenario: Scenario) -> tuple[Variant, ...]:
        if scenario.id not in self._variants:
            self._variants[scenario.id] = scenario.variants()
        return self._variants[scenario.id]

    def _give_again(self, taken: Sequence[Question]) -> None:
        named = {question.stamp.scenario for question in taken}
        places = {
            frozenset(variant): (scenario, index)
            for scenario in (one for every in self._bank.scenarios.values() for one in every if one.id in named)
            for index, variant in enumerate(self._filled(scenario))
        }
        for question in taken:
            place = places.get(frozenset((question.text, *(answer.text for answer in question.answers))))
            if place is not None:
                self._give(*place, Taker(question.recipe, question.written_for))


def _walk(
    serves: str, scenarios: Sequence[Scenario], among: Callable[[Scenario], bool] = lambda _: True
) -> Iterator[tuple[Scenario, int]]:
    """Every variant of those scenarios, from a scenario and a variant on which a hash falls."""
    start = int(digest("scenario", serves)[:12], 16)
    for step in range(len(scenarios)):
        scenario = scenarios[(start + step) % len(scenarios)]
        if among(scenario):
            count = scenario.count()
            first = int(digest("variant", serves, scenario.id)[:12], 16) % count
            yield from ((scenario, (first + shift) % count) for shift in range(count))
