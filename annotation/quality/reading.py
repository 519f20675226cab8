"""How long it takes at least to read a task.

Adults read English non-fiction at 238 words a minute, most of them between 175 and 300, other languages in proportion
to the words they need (Brysbaert 2019, doi:10.1016/j.jml.2019.104047); at two to three times the usual rate they no
longer understand as well (Rayner et al. 2016, doi:10.1177/1529100615623267). So the floor is 600 words a minute:
whoever is faster has not read, and whoever is slower may not have either.
"""

import re
from collections.abc import Mapping
from functools import cache

from annotation.sample.material import Material
from annotation.slots import Group
from schemas.annotation import Assignment, Purpose, TaskKind
from schemas.country import ComprehensionItem
from schemas.identity import content_id

WORDS_A_MINUTE = 600
UNSPACED = (
    (re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"), 1.6),
    (re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"), 4.0),
)
"""Scripts without spaces between words, and about how many of their characters are one: Han and kana; Thai, Lao,
Burmese, Khmer. Rough."""


class Texts:
    """The texts behind the tasks of a study."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._words = cache(words)  # a question is read in every slot, a person's profile with every question
        self._answers = {answer.id: answer.text for one in material.questions.values() for answer in one.answers}
        self._comprehension = {
            (group, content_id("a", item.answers[0]), content_id("a", item.answers[1])): item
            for group, items in material.comprehension.items()
            for item in items
        }

    def least_seconds(self, task: Assignment) -> float | None:
        """Return how long reading the task takes at least; None where its texts are not there any more."""
        texts = self._comprehended(task) if task.purpose is Purpose.COMPREHENSION else self._asked(task)
        return None if texts is None else 60 * sum(map(self._words, texts)) / WORDS_A_MINUTE

    def _asked(self, task: Assignment) -> list[str] | None:
        material, question = self._material, self._material.questions.get(str(task.question_id))
        told: Mapping[str, str] = material.aspects if task.task is TaskKind.ITEM else material.profiles
        subject = str(task.question_id if task.task is TaskKind.ITEM else task.instance_id)
        if question is None or subject not in told or not set(task.answer_order) <= self._answers.keys():
            return None
        return [question.text, told[subject], *(self._answers[name] for name in task.answer_order)]

    def _comprehended(self, task: Assignment) -> list[str] | None:
        group, (first, second) = Group(task.country, task.language), task.answer_order
        item: ComprehensionItem | None = self._comprehension.get(
            (group, first, second), self._comprehension.get((group, second, first))
        )
        return None if item is None else [item.person, item.question, *item.answers]


def words(text: str) -> float:
    """Return about how many words a text has, in any script."""
    count = 0.0
    for script, characters in UNSPACED:
        text, found = script.subn(" ", text)
        count += found / characters
    return count + sum(any(char.isalnum() for char in part) for part in text.split())
