"""From drafts to questions: ids by content, one question a text, nothing malformed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from builder.normal_form import normal_form
from builder.writers.order import Draft, Order
from schemas.identity import content_id
from schemas.questions import Answer, Dropped, Question
from schemas.values import Split

QUESTIONS_VERSION = 2


class Collected(NamedTuple):
    """What came of drafts."""

    questions: list[Question]
    """One a text, in order of first appearance; `pairs` names every match it serves."""
    written: dict[str, Question]
    """Match -> its question as it was drafted, for the new ones that are among `questions`."""
    dropped: list[Dropped]


def collect(drafts: Iterable[Draft | Dropped], orders: Mapping[str, Order], kept: Sequence[Question] = ()) -> Collected:
    """Return the questions of `kept`, written before for one match each, and of `drafts`; and what was dropped.

    Questions with the same texts, answers and sides become one that serves several pairs. Dropped: `blank-text`,
    `same-answers`, `other-sides` (the answers do not express the order's two sides), `crosses-split` (the question's
    text, in its normal form, is already used in another split), `same-texts-other-sides` (texts already used for
    another recipe or other dimensions, or with the answers the other way round).
    """
    dropped: list[Dropped] = []
    new: list[Question] = []
    for draft in drafts:
        if isinstance(draft, Dropped):
            dropped.append(draft)
            continue
        order = orders[draft.match_id]
        problem = _problem(draft, order)
        if problem is None:
            new.append(_question(draft, order))
        else:
            dropped.append(Dropped(stage="generate", subject=draft.match_id, reason=problem))
    questions, clashes = _merge([*kept, *new])
    out = {clash.subject for clash in clashes}
    written = {question.pairs[0]: question for question in new if question.pairs[0] not in out}
    return Collected(questions, written, [*dropped, *clashes])


def _merge(singles: Sequence[Question]) -> tuple[list[Question], list[Dropped]]:
    questions: dict[str, Question] = {}
    split_of: dict[str, Split] = {}
    dropped: list[Dropped] = []
    for single in singles:
        known = questions.get(single.id)
        if split_of.setdefault(normal_form(single.text), single.split) is not single.split:
            reason = "crosses-split"
        elif known is None:
            questions[single.id] = single
            continue
        elif _asks(known) == _asks(single):
            questions[single.id] = known.model_copy(update={"pairs": (*known.pairs, *single.pairs)})
            continue
        else:
            reason = "same-texts-other-sides"
        dropped.append(Dropped(stage="generate", subject=single.pairs[0], reason=reason))
    return list(questions.values()), dropped


def _asks(question: Question) -> tuple[object, ...]:
    """What must agree, beside the texts, for two questions to be one."""
    return question.recipe, question.dimensions, question.answers


def _problem(draft: Draft, order: Order) -> str | None:
    if set(draft.answers) != set(order.sides()):
        return "other-sides"
    texts = [draft.text, *draft.answers.values()]
    if not all(text.strip() for text in texts):
        return "blank-text"
    return "same-answers" if normal_form(texts[1]) == normal_form(texts[2]) else None


def _question(draft: Draft, order: Order) -> Question:
    answers = sorted(
        (
            Answer(id=content_id("a", text.strip()), text=text.strip(), side=side)
            for side, text in draft.answers.items()
        ),
        key=lambda answer: answer.id,
    )
    return Question(
        id=content_id("q", order.language, draft.text.strip(), *(answer.text for answer in answers)),
        recipe=order.recipe,
        dimensions=order.dimensions,
        language=order.language,
        split=order.split,
        topic=draft.topic,
        text=draft.text.strip(),
        answers=(answers[0], answers[1]),
        written_for=order.written_for,
        pairs=(draft.match_id,),
        stamp=draft.stamp,
    )
