"""The places of raters: one project a country, language, task and number, so that nobody sees another's work."""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from schemas.annotation import TaskKind
from schemas.questions import Instance

NOWHERE = "ZZ"
"""Stands for no country in a slot's name; ISO 3166 leaves it to users."""


class Group(NamedTuple):
    """Raters who can stand in for each other: of one country, reading one language."""

    country: str | None
    language: str


class Place(NamedTuple):
    """What a slot's name says."""

    group: Group
    task: TaskKind
    number: int


def group_of(instance: Instance) -> Group:
    """Return the country and language whose raters judge the instance."""
    return Group(instance.country, instance.language)


def slot_ids(group: Group, task: TaskKind, count: int) -> tuple[str, ...]:
    """Return the names of a group's first `count` slots for a task, e.g. `KE-sw-person-1`."""
    stem = f"{group.country or NOWHERE}-{group.language}-{task.value}"
    return tuple(f"{stem}-{number}" for number in range(1, count + 1))


def adjudication_slot(group: Group) -> str:
    """Return the name of the place of a group's adjudicator, e.g. `KE-sw-adjudication-1`; no rater's, so no `Place`."""
    return f"{group.country or NOWHERE}-{group.language}-adjudication-1"


@cache
def place_of(slot: str) -> Place:
    """Return what the name of a slot says. ValueError where it is none."""
    found = re.fullmatch(r"([A-Z]{2})-(.+)-(item|person)-(\d+)", slot)
    if found is None:
        problem = f"no slot is called {slot!r}"
        raise ValueError(problem)
    country, language, task, number = found.groups()
    return Place(Group(None if country == NOWHERE else country, language), TaskKind(task), int(number))


def in_order(slots: Iterable[str]) -> list[str]:
    """Return slots by country, language, task and number."""
    return sorted(set(slots), key=lambda slot: _key(place_of(slot)))


def _key(place: Place) -> tuple[str, str, str, int]:
    return place.group.country or NOWHERE, place.group.language, place.task.value, place.number
