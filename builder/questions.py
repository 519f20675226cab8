"""From drafts to questions: ids by content, one question a text, nothing malformed."""

from collections.abc import Iterable, Mapping

from builder.writers.order import Draft, Order
from schemas.identity import content_id
from schemas.questions import Answer, Dropped, Question

QUESTIONS_VERSION = 1


def collect(drafts: Iterable[Draft | Dropped], orders: Mapping[str, Order]) -> tuple[list[Question], list[Dropped]]:
    """Return the questions of `drafts`, in order of first appearance, and what was dropped.

    Drafts with the same texts become one question that serves several pairs. Dropped: `blank-text`, `same-answers`,
    `other-sides` (the answers do not express the order's two sides), `crosses-split` (a text already used in another
    split).
    """
    questions: dict[str, Question] = {}
    dropped: list[Dropped] = []
    for draft in drafts:
        if isinstance(draft, Dropped):
            dropped.append(draft)
            continue
        order = orders[draft.match_id]
        problem = _problem(draft, order)
        if problem is not None:
            dropped.append(Dropped(stage="generate", subject=draft.match_id, reason=problem))
            continue
        question = _question(draft, order)
        known = questions.get(question.id)
        if known is None:
            questions[question.id] = question
        elif known.split is not question.split:
            dropped.append(Dropped(stage="generate", subject=draft.match_id, reason="crosses-split"))
        else:
            questions[question.id] = known.model_copy(update={"pairs": (*known.pairs, draft.match_id)})
    return list(questions.values()), dropped


def _problem(draft: Draft, order: Order) -> str | None:
    if set(draft.answers) != set(order.sides()):
        return "other-sides"
    texts = [draft.text, *draft.answers.values()]
    if not all(text.strip() for text in texts):
        return "blank-text"
    return "same-answers" if texts[1].strip() == texts[2].strip() else None


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
