"""Small studies and rows for the tests."""

from datetime import UTC, datetime
from pathlib import Path

from mvpbench.store.study import Study, init_study
from schemas.annotation import AnnotatorKind
from schemas.chat import ChatReply, ChatRequest, Message, Usage
from schemas.labels import Label, LabelStatus
from schemas.questions import Answer, Dropped, Match, Question, Recipe, Scope, Stand, WriterStamp
from schemas.values import Split

CONFIG = """\
format: 1
name: made
survey: {file: answers.csv}
"""
NINE = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def at_nine() -> datetime:
    """A clock that stands still."""
    return NINE


def a_study(root: Path) -> Study:
    return init_study(root, CONFIG)


def a_label(number: int, votes: int = 1) -> Label:
    return Label(
        instance_id=f"i-{number:016x}",
        status=LabelStatus.CONFIRMED,
        votes={"a-0": votes},
        ratings=votes,
        soft={},
        tie=False,
        kinds=(AnnotatorKind.HUMAN,),
    )


def labels(version: int, count: int = 50) -> list[Label]:
    """Rows that all tell to which version of the table they belong."""
    return [a_label(number, votes=version) for number in range(count)]


def a_drop(reason: str = "no-votes") -> Dropped:
    return Dropped(stage="labels", subject="i-1", reason=reason)


def a_request(number: int) -> ChatRequest:
    return ChatRequest(model="tiny", messages=(Message(role="user", content=f"question {number}"),))


def a_reply(number: int) -> ChatReply:
    usage = Usage(prompt_tokens=100, completion_tokens=10 + number)
    return ChatReply(
        text=f"answer {number}", finish_reason="stop", usage=usage, model="tiny-1", raw=f'{{"n":{number}}}'
    )


def a_match(number: int, side: str = "care:high") -> Match:
    return Match(
        id=f"m-{number:016x}",
        recipe=Recipe.SIDES,
        dimensions=("care",),
        country="KE",
        language="en",
        split=Split.TRAIN,
        scope=Scope.COUNTRY,
        first=Stand(respondent_id="r-1", side=side, error_probability=0.1),
        second=Stand(respondent_id="r-2", side="care:low", error_probability=0.2),
        distance=0.25,
        reused=False,
    )


def a_question(number: int, text: str = "What now?") -> Question:
    """Written for match `number` alone."""
    return Question(
        id=f"q-{number:016x}",
        recipe=Recipe.SIDES,
        dimensions=("care",),
        language="en",
        split=Split.TRAIN,
        topic="work",
        text=text,
        answers=(
            Answer(id="a-1", text="Comfort them.", side="care:high"),
            Answer(id="a-2", text="Let them be.", side="care:low"),
        ),
        written_for="r-1",
        pairs=(f"m-{number:016x}",),
        stamp=WriterStamp(writer="template", version="0"),
    )
