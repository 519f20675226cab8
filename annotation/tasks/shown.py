"""The texts of a task as a rater sees them, and the task's identity made of them."""

from collections.abc import Mapping

from annotation.slots import place_of
from schemas.annotation import Assignment, Purpose, TaskKind
from schemas.identity import content_id, digest, uniform
from schemas.visible import is_seen

Shown = Mapping[str, str]
"""Name in the interface -> text."""
ORDER = ("question", "answer_a", "answer_b", "profile", "aspect")
"""In which a task's texts are hashed."""


def shown(question: str, answers: tuple[str, str], **more: str) -> dict[str, str]:
    """Return the texts of a task by the name under which the interface shows them; `more` is the profile or aspect."""
    first, second = answers
    texts = {"question": question, "answer_a": first, "answer_b": second, **more}
    return {name: _visible(text) for name, text in texts.items()}


def shown_sha256(texts: Shown) -> str:
    """Return the hash of all texts of a task."""
    return digest("shown", *(part for pair in texts.items() for part in pair))


def data_sha256(data: Mapping[str, object]) -> str:
    """Return what `shown_sha256` says of the texts in a task's data as a server tells it, in whatever order."""
    known = [name for name in ORDER if name in data]
    rest = sorted(set(data) - set(ORDER) - {"uid"})
    return shown_sha256({name: str(data[name]) for name in (*known, *rest)})


def task_uid(subject: str, slot: str, sha256: str) -> str:
    """Return the uid of the task that asks the slot's rater about `subject`, showing texts of this hash."""
    return content_id("t", subject, slot, sha256)


def drawn_order(answers: tuple[str, str], subject: str, slot: str) -> tuple[str, str]:
    """Return which answer id the slot's rater sees as A and which as B: by hash, so that each rater has his own."""
    first, second = answers
    return (second, first) if uniform("answer-order", subject, slot) < 1 / 2 else (first, second)


def place_in_slot(uid: str) -> float:
    """Return where in the slot's order a task stands, by hash: so that the order says nothing."""
    return uniform("annotation-place", uid)


def made(
    task: TaskKind, subject: str, slot: str, order: tuple[str, str], texts: Shown, **of: str | None
) -> tuple[Assignment, Shown]:
    """Return the task that asks the slot's rater about `subject`, and its texts.

    `of`: whichever it has of `instance_id`, `question_id`, `asked_side`, `right`; its `purpose` where it is not rated.
    """
    sha256 = shown_sha256(texts)
    uid = task_uid(subject, slot, sha256)
    group = place_of(slot).group
    fields = dict.fromkeys(("instance_id", "question_id", "asked_side", "right")) | {"purpose": Purpose.RATED} | of
    return Assignment.model_validate(
        {
            "uid": uid,
            "slot": slot,
            "task": task,
            "country": group.country,
            "language": group.language,
            "answer_order": order,
            "place": place_in_slot(uid),
            "shown_sha256": sha256,
            **fields,
        }
    ), texts


def task_data(assigned: Assignment, texts: Shown) -> dict[str, str]:
    """Return what the server gets to know: no expected answer, no score, no name of a dimension, no country."""
    return {"uid": assigned.uid, **texts}


def _visible(text: str) -> str:
    """Leave out what hides or reorders a text; a control between two words was meant to part them."""
    spaced = (" " if char.isspace() and char not in "\n\t" and not is_seen(char) else char for char in text)
    return "".join(char for char in spaced if char in "\n\t" or is_seen(char))
