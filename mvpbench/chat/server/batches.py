"""The Batch API: files and batches in memory, which move on when they are asked for."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qs

from mvpbench.chat.server.answers import Answer, Call, error
from mvpbench.chat.server.completions import Asked
from mvpbench.chat.server.files import StoredFile, Upload
from mvpbench.chat.server.lines import CHAT, Line, Problem, done_line, expired_line, jsonl, read_lines
from schemas.identity import digest

WINDOW = "24h"
WINDOW_S = 24 * 3600
USUAL_PAGE, LARGEST_PAGE = 20, 100
MOST_METADATA, LONGEST_NAME, LONGEST_VALUE = 16, 64, 512
UNDER_WAY = ("validating", "in_progress")


@dataclass
class Batch:
    """A batch as it stands."""

    id: str
    input_file_id: str
    metadata: Mapping[str, str] | None
    created_at: float
    done_share: float
    """Of its lines; with less than all of them it ends `expired`."""
    status: str = "validating"
    lines: list[Line] = field(default_factory=list)
    """The good ones of its input, once that was read."""
    polls: int = 0
    """How often it has been asked for."""
    moments: dict[str, int] = field(default_factory=dict)
    """`<status>_at` -> when."""
    problems: list[Problem] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    """`output_file_id` and `error_file_id`, where there is one."""
    counts: dict[str, int] = field(default_factory=lambda: {"total": 0, "completed": 0, "failed": 0})

    def shown(self) -> dict[str, Any]:
        """Return the batch object of the API."""
        created = int(self.created_at)
        ends = ("in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled")
        errors = {"object": "list", "data": [asdict(problem) for problem in self.problems]}
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": CHAT,
            "errors": errors if self.problems else None,
            "input_file_id": self.input_file_id,
            "completion_window": WINDOW,
            "status": self.status,
            "output_file_id": self.files.get("output_file_id"),
            "error_file_id": self.files.get("error_file_id"),
            "created_at": created,
            "expires_at": created + WINDOW_S,
            **{f"{end}_at": self.moments.get(f"{end}_at") for end in ends},
            "request_counts": dict(self.counts),
            "metadata": self.metadata,
        }


@dataclass(frozen=True)
class BatchPace:
    """When a batch is through."""

    polls: int = 1
    """It is with this GET of it, ..."""
    seconds: float = 0.0
    """... if that comes so long after its creation; else with the first one that does."""


class BatchDesk:
    """Answers the calls at `/v1/files` and `/v1/batches`.

    A batch goes from `validating` to `in_progress` or `failed`, and on to `completed` or `expired`, as it is asked for
    by its id; a list shows it as it stands. One that is cancelled goes from `cancelling` to `cancelled`, none of it
    done: lines are answered all at once, at the end.

    Args:
        execute: Answers one line.
        knows: Tells whether there is such a model.
        pace: How long batches take.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        execute: Callable[[Asked], Answer],
        knows: Callable[[object], bool],
        pace: BatchPace,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._execute = execute
        self._knows = knows
        self._pace = pace
        self._clock = clock
        self._files: dict[str, StoredFile] = {}
        self._batches: dict[str, Batch] = {}
        self._lock = threading.Lock()

    def answer(self, call: Call, done_share: float = 1.0) -> Answer:
        """Return the answer to a call; a batch that it creates is done to `done_share`."""
        kind, *rest = call.path.removeprefix("/v1/").split("/")
        with self._lock:
            answer = self._at_files(call, rest) if kind == "files" else self._at_batches(call, rest, done_share)
        return answer or error(404, "not_found", f"no such address: {call.method} {call.path}")

    def _at_files(self, call: Call, rest: list[str]) -> Answer | None:
        match call.method, rest:
            case "POST", []:
                return self._upload(call)
            case "GET", [name]:
                return self._of_file(name, lambda file: Answer(200, file.shown()))
            case "GET", [name, "content"]:
                kind = "application/octet-stream"
                return self._of_file(name, lambda file: Answer(200, file.content, content_type=kind))
            case _:
                return None

    def _at_batches(self, call: Call, rest: list[str], done_share: float) -> Answer | None:
        match call.method, rest:
            case "POST", []:
                return self._create(call.body, done_share)
            case "GET", []:
                return self._list(parse_qs(call.query))
            case "GET", [name]:
                return self._of_batch(name, self._poll)
            case "POST", [name, "cancel"]:
                return self._of_batch(name, self._cancel)
            case _:
                return None

    def _upload(self, call: Call) -> Answer:
        upload = Upload.read(call.content_type, call.body)
        if upload is None:
            return error(400, "invalid_request_error", "a form with the parts `file` and `purpose` is expected")
        if upload.purpose != "batch":
            return error(400, "invalid_request_error", f"'{upload.purpose}' is not 'batch', the one purpose known here")
        return Answer(200, self._store(upload.name, upload.purpose, upload.content).shown())

    def _store(self, name: str, purpose: str, content: bytes) -> StoredFile:
        file_id = f"file-{digest('file', len(self._files))[:24]}"
        file = StoredFile(file_id, name, purpose, int(self._clock()), content)
        self._files[file_id] = file
        return file

    def _of_file(self, name: str, told: Callable[[StoredFile], Answer]) -> Answer:
        file = self._files.get(name)
        return error(404, "not_found", f"No such File object: {name}") if file is None else told(file)

    def _of_batch(self, name: str, told: Callable[[Batch], Answer]) -> Answer:
        batch = self._batches.get(name)
        return error(404, "not_found", f"No batch found with id '{name}'.") if batch is None else told(batch)

    def _create(self, body: bytes, done_share: float) -> Answer:
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            asked = None
        problem = self._unfit(asked)
        if problem is not None:
            return error(400, "invalid_request_error", problem)
        batch_id = f"batch_{digest('batch', len(self._batches))[:24]}"
        batch = Batch(batch_id, asked["input_file_id"], asked.get("metadata"), self._clock(), done_share)
        self._batches[batch_id] = batch
        return Answer(200, batch.shown())

    def _unfit(self, asked: object) -> str | None:
        """Return what is wrong with a request for a batch."""
        if not isinstance(asked, dict):
            return "cannot read the request: it is no JSON object"
        file = self._files.get(str(asked.get("input_file_id")))
        if file is None or file.purpose != "batch":
            return f"Invalid input_file_id: no file {asked.get('input_file_id')!r} with purpose 'batch'"
        if asked.get("endpoint") != CHAT:
            return f"Invalid endpoint: {asked.get('endpoint')!r} is not {CHAT!r}, the one known here"
        if asked.get("completion_window") != WINDOW:
            return f"Invalid completion_window: {asked.get('completion_window')!r} is not {WINDOW!r}"
        return None if _is_metadata(asked.get("metadata")) else "Invalid metadata: up to 16 short texts by short names"

    def _list(self, query: Mapping[str, list[str]]) -> Answer:
        """Return a page of the batches, the newest first."""
        try:
            limit = int(query.get("limit", [str(USUAL_PAGE)])[0])
        except ValueError:
            limit = 0
        if not 1 <= limit <= LARGEST_PAGE:
            return error(400, "invalid_request_error", f"limit is not between 1 and {LARGEST_PAGE}")
        ids = list(reversed(self._batches))
        after = query.get("after", [None])[0]
        if after is not None:
            if after not in self._batches:
                return error(404, "not_found", f"No batch found with id '{after}'.")
            ids = ids[ids.index(after) + 1 :]
        page = ids[:limit]
        told = {"object": "list", "data": [self._batches[name].shown() for name in page], "has_more": ids != page}
        return Answer(200, {**told, "first_id": page[0] if page else None, "last_id": page[-1] if page else None})

    def _cancel(self, batch: Batch) -> Answer:
        if batch.status not in UNDER_WAY:
            return error(409, "conflict", f"Cannot cancel a batch with status '{batch.status}'.")
        self._turn(batch, "cancelling")
        return Answer(200, batch.shown())

    def _poll(self, batch: Batch) -> Answer:
        batch.polls += 1
        if batch.status == "cancelling":
            self._turn(batch, "cancelled")
        if batch.status == "validating":
            self._validate(batch)
        waited = self._clock() - batch.created_at
        if batch.status == "in_progress" and batch.polls >= self._pace.polls and waited >= self._pace.seconds:
            self._finish(batch)
        return Answer(200, batch.shown())

    def _validate(self, batch: Batch) -> None:
        batch.lines, batch.problems = read_lines(self._files[batch.input_file_id].content, self._knows)
        if batch.problems:
            self._turn(batch, "failed")
        else:
            batch.counts["total"] = len(batch.lines)
            self._turn(batch, "in_progress")

    def _finish(self, batch: Batch) -> None:
        """Answer the lines, the first ones if not all, and put each into the file that it belongs to."""
        self._turn(batch, "finalizing")
        count = int(batch.done_share * len(batch.lines))
        good: list[dict[str, Any]] = []
        bad = [expired_line(batch.id, line) for line in batch.lines[count:]]
        for line in batch.lines[:count]:
            answer = self._execute(line.asked)
            (good if answer.status == 200 else bad).append(done_line(batch.id, line, answer))  # noqa: PLR2004
        for name, lines in (("output", good), ("error", bad)):
            if lines:
                file = self._store(f"{batch.id}_{name}.jsonl", "batch_output", jsonl(lines))
                batch.files[f"{name}_file_id"] = file.id
        batch.counts |= {"completed": len(good), "failed": len(bad)}
        batch.lines = []
        self._turn(batch, "completed" if batch.done_share == 1 else "expired")

    def _turn(self, batch: Batch, status: str) -> None:
        batch.status = status
        batch.moments[f"{status}_at"] = int(self._clock())


def _is_metadata(value: object) -> bool:
    if value is None:
        return True
    return (
        isinstance(value, dict)
        and len(value) <= MOST_METADATA
        and all(len(name) <= LONGEST_NAME for name in value)
        and all(isinstance(text, str) and len(text) <= LONGEST_VALUE for text in value.values())
    )
