"""The lines of a batch: what is asked for, what is wrong with it, and the lines that come back."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mvpbench.chat.server.answers import Answer
from mvpbench.chat.server.completions import Asked
from schemas.identity import digest

CHAT = "/v1/chat/completions"
MOST_LINES = 50_000
EXPIRED = {
    "code": "batch_expired",
    "message": "This request could not be executed before the completion window expired.",
}


@dataclass(frozen=True)
class Line:
    """One request of a batch."""

    custom_id: str
    asked: Asked


@dataclass(frozen=True)
class Problem:
    """What fails a batch before any of it is done."""

    code: str
    message: str
    line: int | None
    """From 1."""
    param: str | None = None


def read_lines(content: bytes, knows: Callable[[object], bool]) -> tuple[list[Line], list[Problem]]:
    """Return the requests of a file and all that is wrong with them; `knows` tells whether there is such a model."""
    lines: list[Line] = []
    problems: list[Problem] = []
    numbered = [(number, text) for number, text in enumerate(content.split(b"\n"), start=1) if text.strip()]
    if not numbered:
        problems.append(Problem("empty_file", "The input file is empty.", None))
    if len(numbered) > MOST_LINES:
        problems.append(Problem("too_many_tasks", f"A batch has at most {MOST_LINES} lines.", None))
    taken: set[str] = set()
    models: set[str] = set()
    for number, text in numbered:
        line = _line(number, text)
        found = [line] if isinstance(line, Problem) else list(_at_odds(number, line, taken, models, knows))
        problems += found
        if isinstance(line, Line) and not found:
            lines.append(line)
    return lines, problems


def _line(number: int, text: bytes) -> Line | Problem:
    try:
        said = json.loads(text)
        asked = Asked.of(said.get("body")) if isinstance(said, dict) else None
    except (ValueError, RecursionError):
        said, asked = None, None
    if asked is None:
        return Problem("invalid_json_line", "This line is not parseable as a JSON object.", number)
    for name, kind in (("custom_id", str), ("method", str), ("url", str), ("body", dict)):
        if not isinstance(said.get(name), kind):
            return Problem("missing_required_parameter", f"Missing required parameter: `{name}`.", number, name)
    if said["method"] != "POST":
        return Problem(
            "invalid_method", f"Invalid method `{said['method']}`: only POST is supported.", number, "method"
        )
    if said["url"] != CHAT:
        return Problem("mismatched_url", f"The url is not the endpoint of the batch, {CHAT}.", number, "url")
    return Line(said["custom_id"], asked)


def _at_odds(
    number: int, line: Line, taken: set[str], models: set[str], knows: Callable[[object], bool]
) -> Iterator[Problem]:
    """Yield what does not go with the lines before, told by `taken` ids and `models`, which are added to."""
    if line.custom_id in taken:
        told = f"The custom_id `{line.custom_id}` is not unique in this batch."
        yield Problem("duplicate_custom_id", told, number, "custom_id")
    taken.add(line.custom_id)
    model = line.asked.body.get("model") if isinstance(line.asked.body, dict) else None
    if not isinstance(model, str) or not knows(model):
        yield Problem("model_not_found", f"The model `{model}` does not exist.", number, "body.model")
    elif models and model not in models:
        yield Problem("mismatched_model", "All lines of a batch have to ask one model.", number, "body.model")
    else:
        models.add(model)


def done_line(batch_id: str, line: Line, answer: Answer) -> dict[str, Any]:
    """Return the line of a request that was answered, well or not; a body that is no JSON becomes a string."""
    content = answer.content.decode() if isinstance(answer.content, bytes) else answer.content
    request = digest("batch request", batch_id, line.custom_id)
    response = {"status_code": answer.status, "request_id": request[32:56], "body": content}
    return {"id": f"batch_req_{request[:24]}", "custom_id": line.custom_id, "response": response, "error": None}


def expired_line(batch_id: str, line: Line) -> dict[str, Any]:
    """Return the line of a request that was not answered in time."""
    request = digest("batch request", batch_id, line.custom_id)
    return {"id": f"batch_req_{request[:24]}", "custom_id": line.custom_id, "response": None, "error": EXPIRED}


def jsonl(lines: list[dict[str, Any]]) -> bytes:
    """Return a file of lines, in the order of their ids: the real server keeps to no order either."""
    return b"".join(json.dumps(line).encode() + b"\n" for line in sorted(lines, key=lambda line: str(line["id"])))
