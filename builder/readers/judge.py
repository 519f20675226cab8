"""The judge: a second model that looks at a written question for what no rule finds.

It sees the question, both answers and the language they are to be in: no dimension, no profile, nobody.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from builder.asking import Calls, Unread, seat
from builder.readers.ask import PROMPTS, Answered, Prompts, ask, missing_calls, price, prompts
from builder.writers.estimate import ANSWER_BYTES, TEXT_BYTES, Asked, estimate, total
from builder.writers.prompt import fenced, language_name
from mvpbench.chat.engine import CallFailed
from mvpbench.store.journal import Journal, Kind
from schemas.chat import ChatRequest
from schemas.questions import Judged, Question
from schemas.record import Record
from schemas.results import EstimateResult
from schemas.study import ReaderSection

FOLDER = "judge"


class Verdict(Record):
    """What the judge must reply: whether each thing is wrong. The prompt says what each means."""

    names_country: bool
    side_named: bool
    personal_data: bool
    straw_man: bool
    unequal_quality: bool
    answers_alike: bool
    unsafe: bool
    not_a_question: bool
    stereotype: bool
    one_answer_obvious: bool
    unnatural_language: bool


CODES = {name: name.replace("_", "-") for name in Verdict.model_fields}
"""Field of the reply -> code of the problem, in the fixed order."""


def judge(questions: Sequence[Question], calls: Calls[ReaderSection]) -> dict[str, Judged | CallFailed]:
    """Return by id of the question what the judge found, or why there is no finding.

    A reply that does not fit is asked for once more; one that still does not, or was cut off or refused, is a failure
    of kind `not-json`, `wrong-shape`, `truncated` or `refused`, and a call that is given up one of kind `no-reply`: no
    other run mends these. Whether to go on without the calls that failed for now (`retry`) is for the caller to say.
    Raises what `Engine.complete` does.
    """
    if not questions:
        return {}
    asked, section = prompts(FOLDER, Verdict), calls.section
    calls.say(f"{len(questions):,} questions are judged by {section.model}")
    ended = ask(asked, [_request(asked, one, section) for one in questions], calls)
    return {question.id: _judged(asked, one) for question, one in zip(questions, ended, strict=True)}


def judge_price(questions: Sequence[Question], section: ReaderSection, journal: Journal) -> str | None:
    """Return what judging is about to cost, in words, or None where all is in the journal. Raises as `price` does."""
    asked = prompts(FOLDER, Verdict)
    return price(asked, [_request(asked, one, section) for one in questions], section, journal)


def judge_estimate(
    questions: Sequence[Question], coming: Mapping[str, int], section: ReaderSection, journal: Journal
) -> EstimateResult:
    """Return what judging is about to take; `coming` is how many questions are still to be written, by language.

    Of these the size is known about, by what the writers' prompts ask for.
    """
    asked = prompts(FOLDER, Verdict)
    calls = missing_calls(asked, [_request(asked, one, section) for one in questions], journal)
    for language, count in coming.items():
        calls += [_asking(asked, language, "x" * TEXT_BYTES, ["x" * ANSWER_BYTES] * 2, section)] * count
    endpoint, rate = seat(section)
    said = json.dumps(dict.fromkeys(Verdict.model_fields, False))
    alike: dict[Kind, list[ChatRequest]] = defaultdict(list)
    for call in calls:
        alike[_kind(call)].append(call)
    return total(
        [
            estimate(of_kind, Asked(endpoint.base_url, rate, len(said), [kind]), journal)
            for kind, of_kind in alike.items()
        ]
    )


def judge_files() -> Mapping[str, Path]:
    """Return the judge's prompt files, by their names in a fingerprint."""
    return {f"judge/{path.name}": path for path in sorted((PROMPTS / FOLDER).glob("*.jinja"))}


def _request(asked: Prompts[Verdict], question: Question, section: ReaderSection) -> ChatRequest:
    return _asking(asked, question.language, question.text, [one.text for one in question.answers], section)


def _asking(
    asked: Prompts[Verdict], language: str, text: str, answers: Sequence[str], section: ReaderSection
) -> ChatRequest:
    told = {
        "language": language_name(language),
        "question": fenced(text),
        "answers": [fenced(answer) for answer in answers],
    }
    return asked.request(section, told)


def _kind(call: ChatRequest) -> Kind:
    """Its language is in the first line of what is asked."""
    system, question = call.messages[:2]
    return Kind(call.model, call.response_schema, (system.content,), question.content.partition("\n")[0])


def _judged(asked: Prompts[Verdict], ended: Answered[Verdict] | Unread | CallFailed) -> Judged | CallFailed:
    match ended:
        case CallFailed():
            return ended
        case Unread(reason, problem):
            return CallFailed(kind=reason, detail=problem, attempts=0, retry=False)
        case Answered(said, model, call):
            problems = tuple(code for name, code in CODES.items() if getattr(said, name))
            return Judged(model=model, version=asked.version, call_id=call, problems=problems)
