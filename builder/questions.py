"""From drafts to questions: ids by content, one question a text, nothing malformed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from builder.checks import Checked, Problem, Seen, problems
from builder.checks.steering import steers
from builder.checks.twins import Row, twins
from builder.normal_form import normal_form
from builder.writers.order import Draft, Order
from schemas.identity import content_id
from schemas.questions import Answer, Dropped, Question
from schemas.values import Split

QUESTIONS_VERSION = 3
STEERING = "steering-words"
"""Flag: the words that set the topic try to instruct a model. They are fenced, and flagged for whoever reads them."""


class Collected(NamedTuple):
    """What came of drafts."""

    questions: list[Question]
    """One a text, in order of first appearance; `pairs` names every match it serves."""
    written: dict[str, Question]
    """What it serves -> the question as it was drafted, for the new ones that are among `questions`."""
    dropped: list[Dropped]


def collect(drafts: Iterable[Draft | Dropped], orders: Mapping[str, Order], kept: Sequence[Question] = ()) -> Collected:
    """Return the questions of `kept`, written before for one purpose each, and of `drafts`; and what was dropped.

    `orders` by what they serve. Questions with the same texts, answers and sides become one that serves several.
    Dropped: `blank-text`, `same-answers`, `other-sides` (the answers do not express the order's two sides),
    `crosses-split` (the question's text, in its normal form, is already used in another split),
    `same-texts-other-sides` (texts already used for another recipe or other dimensions, or with the answers the other
    way round), `near-duplicate` and `near-duplicate-abroad` (nearly the texts of another question, of the same country
    or not), and whatever `builder.checks` finds.
    """
    dropped: list[Dropped] = []
    new: list[Question] = []
    seen: Seen = {}
    wordings: dict[_Texts, _Wording] = {}
    for draft in drafts:
        if isinstance(draft, Dropped):
            dropped.append(draft)
            continue
        order = orders[draft.serves]
        problem = _problem(draft, order, seen)
        if problem is None:
            new.append(_question(draft, order, wordings))
        else:
            dropped.append(Dropped(stage="generate", subject=draft.serves, reason=problem.code, detail=problem.problem))
    merged, clashes = _merge([*kept, *new])
    questions, alike = _without_twins(merged, {question.id for question in kept}, orders)
    out = {drop.subject for drop in (*clashes, *alike)}
    written = {question.pairs[0]: question for question in new if question.pairs[0] not in out}
    return Collected(questions, written, [*dropped, *clashes, *alike])


def _without_twins(
    questions: Sequence[Question], kept: Collection[str], orders: Mapping[str, Order]
) -> tuple[list[Question], list[Dropped]]:
    """Leave out new questions that are nearly an earlier one of another scenario, whoever in whichever country it asks.

    What was written before stays.
    """
    rows = [
        Row(
            id=question.id,
            language=question.language,
            country=orders[question.pairs[0]].country,
            group=question.stamp.scenario or question.id,
            text=" ".join((question.text, *(answer.text for answer in question.answers))),
        )
        for question in questions
    ]
    found = {twin.id: twin for twin in twins(rows, kept)}
    dropped = [
        Dropped(
            stage="generate",
            subject=purpose,
            reason="near-duplicate" if twin.same_country else "near-duplicate-abroad",
            detail=f"of {twin.of}, similarity {twin.similarity:.2f}",
        )
        for question in questions
        if (twin := found.get(question.id)) is not None
        for purpose in question.pairs
    ]
    return [question for question in questions if question.id not in found], dropped


def _merge(singles: Sequence[Question]) -> tuple[list[Question], list[Dropped]]:
    questions: dict[str, Question] = {}
    pairs: dict[str, list[str]] = {}
    flags: dict[str, dict[str, None]] = {}
    split_of: dict[str, Split] = {}
    dropped: list[Dropped] = []
    for single in singles:
        known = questions.get(single.id)
        if split_of.setdefault(normal_form(single.text), single.split) is not single.split:
            reason = "crosses-split"
        elif known is None:
            questions[single.id] = single
            pairs[single.id], flags[single.id] = list(single.pairs), dict.fromkeys(single.flags)
            continue
        elif _asks(known) == _asks(single):
            pairs[single.id].extend(single.pairs)
            flags[single.id] |= dict.fromkeys(single.flags)
            continue
        else:
            reason = "same-texts-other-sides"
        dropped.append(Dropped(stage="generate", subject=single.pairs[0], reason=reason))
    merged = [_serving(one, pairs[one.id], tuple(flags[one.id])) for one in questions.values()]
    return merged, dropped


def _serving(question: Question, pairs: Sequence[str], flags: tuple[str, ...]) -> Question:
    if len(pairs) == len(question.pairs):
        return question
    return question.model_copy(update={"pairs": tuple(pairs), "flags": flags})


def _asks(question: Question) -> tuple[object, ...]:
    """What must agree, beside the texts, for two questions to be one."""
    return question.recipe, question.dimensions, question.answers


def _problem(draft: Draft, order: Order, seen: Seen) -> Problem | None:
    """The first thing that is wrong. The names of the values are the writer's to look for, who was told them."""
    if order.about(list(draft.answers)) is None:
        return Problem("other-sides", "")
    one, other = draft.answers.values()
    checked = Checked(
        language=order.language,
        topic=draft.topic,
        question=draft.text,
        answers=(one, other),
        own_words=order.concern or "",
    )
    return next(iter(problems(checked, order.rules.exempt, seen)), None)


class _Wording(NamedTuple):
    """What of a question follows from its texts: made once, and shared where a text comes again."""

    id: str
    text: str
    answers: tuple[Answer, Answer]


_Texts = tuple[object, ...]


def _wording(language: str, draft: Draft) -> _Wording:
    first, second = sorted(
        (
            Answer(id=content_id("a", text.strip()), text=text.strip(), side=side)
            for side, text in draft.answers.items()
        ),
        key=lambda answer: answer.id,
    )
    text = draft.text.strip()
    return _Wording(content_id("q", language, text, first.text, second.text), text, (first, second))


def _question(draft: Draft, order: Order, wordings: dict[_Texts, _Wording]) -> Question:
    texts = (order.language, draft.text, *draft.answers.items())
    if texts not in wordings:
        wordings[texts] = _wording(order.language, draft)
    wording = wordings[texts]
    return Question(
        id=wording.id,
        recipe=order.recipe,
        dimensions=order.about(list(draft.answers)) or order.dimensions,
        language=order.language,
        split=order.split,
        topic=draft.topic,
        text=wording.text,
        answers=wording.answers,
        written_for=order.written_for,
        pairs=(draft.serves,),
        stamp=draft.stamp,
        flags=(STEERING,) if order.concern and steers(order.concern) else (),
    )
