"""What tasks are made of, and what a plan is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from annotation.slots import Group
from annotation.tasks.shown import Shown
from schemas.annotation import Assignment
from schemas.country import ComprehensionItem
from schemas.questions import Instance, Question


@dataclass(frozen=True)
class Material:
    """What tasks are made of."""

    instances: Mapping[str, Instance]
    questions: Mapping[str, Question]
    profiles: Mapping[str, str]
    """Instance -> profile in plain words, in the instance's language."""
    aspects: Mapping[str, str]
    """Question -> the side asked for in plain words, in the question's language."""
    comprehension: Mapping[Group, Sequence[ComprehensionItem]] = field(default_factory=dict)


class Planned(NamedTuple):
    """A task and the texts that its rater sees."""

    assignment: Assignment
    texts: Shown
