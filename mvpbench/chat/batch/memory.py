"""A service of the Batch API in this process's memory, for tests and for trying things out."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mvpbench.chat.batch.service import Batch
from schemas.chat import ChatFailure

Answer = Callable[[str, Mapping[str, Any]], str | None]
"""The line for a call id and the body that asks, or None for none."""


def echo(call_id: str, body: Mapping[str, Any]) -> str:
    """Return the line of a reply that says what it was asked."""
    said = str(body["messages"][-1]["content"])
    usage = {"prompt_tokens": len(said.split()), "completion_tokens": len(said.split())}
    message = {"role": "assistant", "content": said, "refusal": None}
    reply = {"model": body["model"], "choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}
    return json.dumps({"custom_id": call_id, "response": {"status_code": 200, "body": reply}, "error": None})


class MemoryBatches:
    """The service. `step` is told what is about to be done and what is done, and may raise: then it is not answered."""

    def __init__(
        self, answer: Answer = echo, step: Callable[[str], None] = lambda _step: None, ended: str = "completed"
    ) -> None:
        self._answer = answer
        self.step = step
        self.ended = ended
        """As what batches end; any other word keeps them running."""
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, Batch] = {}
        self.calls: dict[str, list[str]] = {}
        """Batch id -> call ids."""

    def upload(self, lines: bytes) -> str:
        """Store a file."""
        self.step("upload")
        file_id = f"file-{len(self.files)}"
        self.files[file_id] = lines
        self.step("uploaded")
        return file_id

    def create(self, file_id: str, key: str) -> Batch:
        """Create a batch and make its calls."""
        self.step("create")
        batch = Batch(id=f"batch-{len(self.batches)}", status="validating", key=key)
        asked = [json.loads(line) for line in self.files[file_id].splitlines()]
        self.calls[batch.id] = [line["custom_id"] for line in asked]
        lines = [self._answer(line["custom_id"], line["body"]) for line in asked]
        output, error = f"{batch.id}-output", f"{batch.id}-error"
        self.files[output] = "".join(f"{line}\n" for line in lines if line and _succeeded(line)).encode()
        self.files[error] = "".join(f"{line}\n" for line in lines if line and not _succeeded(line)).encode()
        self.batches[batch.id] = batch.model_copy(update={"output_file": output, "error_file": error})
        self.step("created")
        return batch

    def retrieve(self, batch_id: str) -> Batch | None:
        """Return a batch."""
        self.step("retrieve")
        batch = self.batches.get(batch_id)
        return batch and batch.model_copy(update={"status": self.ended})

    def list(self) -> Iterator[Batch]:
        """Yield the batches, the newest first."""
        self.step("list")
        yield from reversed(list(self.batches.values()))

    @contextmanager
    def content(self, file_id: str) -> Iterator[Iterator[str]]:
        """Open a file."""
        self.step("content")
        if file_id not in self.files:
            raise ChatFailure("file-gone", f"no file {file_id}", retry=False)
        yield iter(self.files[file_id].decode("utf-8", "replace").split("\n")[:-1])


def _succeeded(line: str) -> bool:
    try:
        return bool(json.loads(line)["response"]["status_code"] == 200)  # noqa: PLR2004 - HTTP's own number
    except (ValueError, TypeError, KeyError, RecursionError):
        return True
