"""Makes the calls of a file, as a process of its own: `python -m benchmarks.engine_calls HOW URL FILE COUNT REPORT`.

`engine` is ours with its journal on the disk; `bare` is the openai client with a semaphore, replies kept in a list.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from mvpbench.chat.engine import Engine, EngineSettings
from mvpbench.chat.openai_chat import Endpoint, openai_chat
from mvpbench.store.journal import Journal
from schemas.chat import ChatReply, ChatRequest

IN_FLIGHT = 64
KEY_ENV = "MVPBENCH_BENCH_KEY"


def main(how: str, url: str, file: str, count: str, report: str) -> None:
    """Make the first `count` calls and report [seconds they took, replies]."""
    with Path(file).open(encoding="utf-8") as lines:
        asked = [line for line, _ in zip(lines, range(int(count)), strict=False)]
    seconds, replies = _engine(asked, url) if how == "engine" else _bare(asked, url)
    Path(report).write_text(json.dumps([seconds, replies]), encoding="utf-8")


def _engine(lines: list[str], url: str) -> tuple[float, int]:
    requests = [ChatRequest.model_validate_json(line) for line in lines]
    with tempfile.TemporaryDirectory(prefix="mvpbench-") as folder, Journal(Path(folder) / "journal.db") as journal:
        endpoint, settings = Endpoint(url, KEY_ENV), EngineSettings(in_flight=IN_FLIGHT)
        engine = Engine(lambda: openai_chat(endpoint), journal, settings, lambda _line: None)
        started = time.perf_counter()
        ended = engine.complete(requests)
        seconds = time.perf_counter() - started
    return seconds, sum(isinstance(one, ChatReply) for one in ended)


def _bare(lines: list[str], url: str) -> tuple[float, int]:
    from openai import AsyncOpenAI

    requests = [json.loads(line) for line in lines]
    replies: list[Any] = []

    async def ask(client: AsyncOpenAI, places: asyncio.Semaphore, request: dict[str, Any]) -> None:
        schema = {"name": "reply", "schema": json.loads(request["response_schema"]), "strict": True}
        async with places:
            completion = await client.chat.completions.create(
                model=request["model"],
                messages=request["messages"],
                temperature=request["temperature"],
                seed=request["sample"],
                max_tokens=request["max_tokens"],
                response_format={"type": "json_schema", "json_schema": schema},
            )
        replies.append(json.loads(completion.choices[0].message.content or ""))

    async def ask_all() -> None:
        places = asyncio.Semaphore(IN_FLIGHT)
        async with AsyncOpenAI(api_key=os.environ[KEY_ENV], base_url=url, max_retries=0) as client:
            await asyncio.gather(*(ask(client, places, request) for request in requests))

    started = time.perf_counter()
    asyncio.run(ask_all())
    return time.perf_counter() - started, len(replies)


if __name__ == "__main__":
    main(*sys.argv[1:])
