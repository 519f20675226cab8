"""The journal: every model call and every write to the outside, written down before and after.

What is in it cost money or cannot be made again. A request holds what `ChatRequest` holds and nothing else: no key, no
header, no address. Each method is one transaction, on the disk when it returns; `batch` makes one of several.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic import ValidationError

from mvpbench.store.clock import Clock, stamp, utc_now
from mvpbench.store.fingerprint import canonical_json
from mvpbench.store.journal_file import journal_corrupt, open_journal, sqlite_errors, view_journal
from mvpbench.store.journal_records import AttemptRecord, AttemptState, Kind, Spent, WriteRecord, WriteState
from schemas.chat import ChatFailure, ChatReply, ChatRequest, Usage
from schemas.errors import Defect
from schemas.identity import content_id
from schemas.questions import Match, Question
from schemas.record import Record

__all__ = [
    "AttemptRecord",
    "AttemptState",
    "Journal",
    "Kind",
    "Spent",
    "WriteRecord",
    "WriteState",
    "Written",
    "call_id",
]

R = TypeVar("R", bound=Record)
Written = Mapping[tuple[str, str], Question]
"""Questions by match and by the hand that wrote them: a writer with its version."""

_REPLY = "text, finish_reason, prompt_tokens, completion_tokens, model, raw"


def call_id(request: ChatRequest) -> str:
    """Return the request's id, `c-` and 16 hex digits: equal requests are one call, whoever asks and when."""
    return _id_of(canonical_json(request))


class Journal:
    """The journal at `path`, open inside a `with` block; for one thread.

    With `view` it is only looked at: nothing is made where there is none, and writing is refused.

    Raises on entry what `open_journal` or `view_journal` does, and from every method what `sqlite_errors` does.
    """

    def __init__(self, path: Path, clock: Clock = utc_now, *, view: bool = False) -> None:
        self._path = path
        self._clock = clock
        self._enter = view_journal if view else open_journal
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        self._connection = self._enter(self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with sqlite_errors(self._path):
                connection.close()

    def reply(self, call_id: str) -> ChatReply | None:
        """Return the first reply this call ever had, or None: a call that has one is never made again."""
        return self.replies([call_id]).get(call_id)

    def replies(self, call_ids: Iterable[str]) -> dict[str, ChatReply]:
        """Return the first reply that each of the calls ever had, by its id; those without one are left out."""
        sql = f"""SELECT call_id, {_REPLY} FROM attempts
                  WHERE state = 'done' AND call_id IN (SELECT value FROM json_each(?)) ORDER BY attempt DESC"""  # noqa: S608
        rows = self._rows(sql, json.dumps(list(call_ids)))
        first = {key: rest for key, *rest in rows}  # of a call's rows the last one stays
        return {key: _reply(*rest) for key, rest in first.items()}

    def reply_to(self, request: ChatRequest) -> ChatReply | None:
        """Return what `reply` does for the request's id."""
        return self.reply(call_id(request))

    def id_of(self, request: ChatRequest) -> str:
        """Return the id under which the journal has the request."""
        return call_id(request)

    def request(self, call_id: str) -> ChatRequest | None:
        """Return the request behind an id, or None where the journal has no such call."""
        rows = self._rows("SELECT request FROM calls WHERE call_id = ?", call_id)
        return self._stored(ChatRequest, rows[0][0]) if rows else None

    def begin_attempt(self, request: ChatRequest) -> int:
        """Write down that the request is about to be sent; return the number to finish the attempt with."""
        (attempt,) = self.begin_attempts([request]).values()
        return attempt

    def begin_attempts(self, requests: Iterable[ChatRequest]) -> dict[str, int]:
        """Write down that the requests are about to be sent together; return call id -> attempt, equal ones once."""
        attempts: dict[str, int] = {}
        with self.batch() as db:
            for request in requests:
                text = canonical_json(request)
                key = _id_of(text)
                is_new = db.execute("INSERT OR IGNORE INTO calls VALUES (?, ?)", (key, text)).rowcount == 1
                if not is_new and self._rows("SELECT request FROM calls WHERE call_id = ?", key) != [(text,)]:
                    raise Defect("call-id-collision", f"call {key}", found="another request under the same id")
                if key not in attempts:
                    sql = "INSERT INTO attempts (call_id, state, begun_at) VALUES (?, 'begun', ?)"
                    attempts[key] = int(db.execute(sql, (key, stamp(self._clock))).lastrowid or 0)
        return attempts

    def open_attempts(self, attempts: Iterable[int]) -> frozenset[int]:
        """Return those of the attempts that were begun and have not ended."""
        sql = "SELECT attempt FROM attempts WHERE state = 'begun' AND attempt IN (SELECT value FROM json_each(?))"
        return frozenset(attempt for (attempt,) in self._rows(sql, json.dumps(list(attempts))))

    def finish_attempt(
        self,
        attempt: int,
        *,
        reply: ChatReply | None = None,
        failure: ChatFailure | None = None,
        usd: float | None = None,
    ) -> None:
        """Write down how an attempt ended: with a reply or with a failure, and its price where one is known.

        Raises:
            Defect: `attempt-not-open` if it was never begun or has ended already.
        """
        values: dict[str, object] = {"ended_at": stamp(self._clock), "usd": usd}
        if reply is not None and failure is None:
            values |= {"state": AttemptState.DONE, **reply.model_dump(exclude={"usage"})}
            values |= reply.usage.model_dump() if reply.usage else {}
        elif failure is not None and reply is None:
            values |= {"state": AttemptState.FAILED, "failure": failure.kind, "detail": _storable(failure.detail)}
        else:
            raise Defect("attempt-end", f"attempt {attempt}", expected="a reply or a failure, not both")
        columns = ", ".join(f"{name} = ?" for name in values)
        sql = f"UPDATE attempts SET {columns} WHERE attempt = ? AND state = 'begun'"  # noqa: S608 - names are ours
        with self.batch() as db:
            if db.execute(sql, (*values.values(), attempt)).rowcount != 1:
                raise Defect("attempt-not-open", f"attempt {attempt}", expected="one that was begun and not ended")

    def attempts(self, call_id: str) -> list[AttemptRecord]:
        """Return every attempt at a call, oldest first."""
        columns = ", ".join(AttemptRecord.model_fields)
        rows = self._rows(f"SELECT {columns} FROM attempts WHERE call_id = ? ORDER BY attempt", call_id)  # noqa: S608
        return _records(AttemptRecord, rows)

    def failures(self, call_ids: Iterable[str]) -> dict[str, list[AttemptRecord]]:
        """Return the failed attempts at each of the calls, oldest first; those without one are left out."""
        columns = ", ".join(AttemptRecord.model_fields)
        sql = f"""SELECT {columns} FROM attempts
                  WHERE state = 'failed' AND call_id IN (SELECT value FROM json_each(?)) ORDER BY attempt"""  # noqa: S608
        found: dict[str, list[AttemptRecord]] = {}
        for record in _records(AttemptRecord, self._rows(sql, json.dumps(list(call_ids)))):
            found.setdefault(record.call_id, []).append(record)
        return found

    def newest_reply(self) -> int:
        """Return the number of the newest attempt that brought a reply, to whatever call; 0 without any."""
        rows = self._rows("SELECT attempt FROM attempts WHERE state = 'done' ORDER BY attempt DESC LIMIT 1")
        return int(rows[0][0]) if rows else 0

    def replied(self, kind: Kind, count: int) -> list[tuple[ChatRequest, Usage]]:
        """Return the newest `count` calls of a kind whose reply the server counted, with what it counted.

        The newest first, however many calls of other kinds were replied to since.
        """
        # What is no JSON passes, to be refused as the damage that it is.
        sql = """SELECT request, prompt_tokens, completion_tokens FROM attempts JOIN calls USING (call_id)
                 WHERE state = 'done' AND prompt_tokens IS NOT NULL AND CASE WHEN json_valid(request) THEN
                     request ->> '$.model' = ? AND request ->> '$.response_schema' IS ?
                     AND request ->> '$.messages[0].content' IN (SELECT value FROM json_each(?))
                     AND substr(request ->> '$.messages[1].content', 1, ?) = ?
                 ELSE 1 END
                 ORDER BY attempt DESC LIMIT ?"""
        model, schema, systems, begins = kind
        rows = self._rows(sql, model, schema, json.dumps(list(systems)), len(begins), begins, count)
        return [
            (self._stored(ChatRequest, text), Usage(prompt_tokens=prompt, completion_tokens=completion))
            for text, prompt, completion in rows
        ]

    def spent(self) -> Spent:
        """Return what all model calls came to, failed and lost attempts included."""
        sql = """SELECT count(DISTINCT call_id) FILTER (WHERE state = 'done'), count(*),
                        count(*) FILTER (WHERE state = 'begun'), coalesce(sum(prompt_tokens), 0),
                        coalesce(sum(completion_tokens), 0), coalesce(sum(usd), 0.0) FROM attempts"""
        return _records(Spent, self._rows(sql))[0]

    def begin_write(self, kind: str, key: str, payload: str) -> WriteRecord:
        """Write down that something is about to be written outside; return its record.

        Where (kind, key) was begun before, nothing changes and the old record is returned, with its own payload: its
        state says whether to look for it outside (begun) or to leave it (done).
        """
        with self.batch() as db:
            sql = "INSERT OR IGNORE INTO writes (kind, key, payload, begun_at) VALUES (?, ?, ?, ?)"
            db.execute(sql, (kind, key, payload, stamp(self._clock)))
            (record,) = self._writes("kind = ? AND key = ?", kind, key)
        return record

    def finish_write(self, kind: str, key: str, result: str) -> None:
        """Write down what a begun write came to, e.g. the id it got. Twice with the same result is once.

        Raises:
            Defect: `write-not-open` if it was never begun, or has ended with another result.
        """
        with self.batch() as db:
            sql = "UPDATE writes SET result = ?, done_at = ? WHERE kind = ? AND key = ? AND result IS NULL"
            db.execute(sql, (result, stamp(self._clock), kind, key))
            record = self.find_write(kind, key)
            if record is None or record.result != result:
                found = "nothing begun" if record is None else f"the result {record.result}"
                raise Defect("write-not-open", f"write {kind} {key}", found=found, expected=f"to end it with {result}")

    def find_write(self, kind: str, key: str) -> WriteRecord | None:
        """Return the write, or None where it was never begun."""
        return next(iter(self._writes("kind = ? AND key = ?", kind, key)), None)

    def writes(self, kind: str, under: str = "") -> list[WriteRecord]:
        """Return every write of a kind whose key begins with `under`, in the order in which they were begun."""
        return self._writes("kind = ? AND substr(key, 1, ?) = ?", kind, len(under), under)

    def record_matches(self, matches: Sequence[Match]) -> None:
        """Add the matches, all or none; those recorded before are left alone.

        How sure the survey is of a side may change under a match that stands: it is no part of what was drawn.

        Raises:
            Defect: `match-redrawn` if one is there under the same id with other content.
        """
        recorded = {match.id: match for match in self.matches()}
        with self.batch() as db:
            for match in matches:
                if _drawn(recorded.setdefault(match.id, match)) != _drawn(match):
                    raise Defect("match-redrawn", f"match {match.id}", expected="what was recorded under this id")
            sql = "INSERT OR IGNORE INTO matches (id, record, recorded_at) VALUES (?, ?, ?)"
            db.executemany(sql, ((match.id, canonical_json(match), stamp(self._clock)) for match in matches))

    def matches(self) -> list[Match]:
        """Return every match in the order in which they were recorded."""
        rows = self._rows("SELECT record FROM matches ORDER BY sequence")
        return [self._stored(Match, text) for (text,) in rows]

    def record_questions(self, written: Written) -> None:
        """Add the questions, all or none; those recorded before are left alone.

        Raises:
            Defect: `question-rewritten` if one is there for the same match by the same hand with other content.
        """
        recorded = self.questions()
        with self.batch() as db:
            for (match, hand), question in written.items():
                if recorded.get((match, hand), question) != question:
                    raise Defect("question-rewritten", f"match {match}", expected="the question recorded for it")
            sql = "INSERT OR IGNORE INTO questions (match_id, hand, record, recorded_at) VALUES (?, ?, ?, ?)"
            rows = ((*key, canonical_json(question), stamp(self._clock)) for key, question in written.items())
            db.executemany(sql, rows)

    def questions(self) -> dict[tuple[str, str], Question]:
        """Return every question by (match, hand), in the order in which they were recorded."""
        rows = self._rows("SELECT match_id, hand, record FROM questions ORDER BY sequence")
        return {(match, hand): self._stored(Question, text) for match, hand, text in rows}

    def record_loans(self, loans: Iterable[tuple[str, str]]) -> None:
        """Add (respondent, question): who without a counterpart is asked what. Those recorded are left alone."""
        with self.batch() as db:
            sql = "INSERT OR IGNORE INTO loans (respondent_id, question_id, recorded_at) VALUES (?, ?, ?)"
            db.executemany(sql, [(*loan, stamp(self._clock)) for loan in loans])

    def loans(self) -> list[tuple[str, str]]:
        """Return every (respondent, question) in the order in which they were recorded."""
        rows = self._rows("SELECT respondent_id, question_id FROM loans ORDER BY sequence")
        return [(respondent, question) for respondent, question in rows]

    @contextmanager
    def batch(self) -> Iterator[sqlite3.Connection]:
        """Make one transaction of what the block does: all of it is on the disk at the end, or none of it ever.

        For many small records at once, since a commit waits for the disk. Never await in the block: what others do
        meanwhile would join the transaction, and be lost with it.
        """
        db = self._open()
        with sqlite_errors(self._path):
            if db.in_transaction:
                yield db
                return
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.commit()
            except BaseException:
                db.rollback()
                raise

    def _writes(self, condition: str, *values: str | int) -> list[WriteRecord]:
        state = "CASE WHEN result IS NULL THEN 'begun' ELSE 'done' END"
        sql = f"SELECT kind, key, {state}, payload, result, begun_at, done_at FROM writes WHERE {condition}"  # noqa: S608
        return _records(WriteRecord, self._rows(sql + " ORDER BY sequence", *values))

    def _rows(self, sql: str, *values: object) -> list[Any]:
        db = self._open()
        with sqlite_errors(self._path):
            return db.execute(sql, values).fetchall()

    def _stored(self, kind: type[R], text: str) -> R:
        try:
            return kind.model_validate_json(text)
        except ValidationError as exc:
            raise journal_corrupt(self._path, f"a {kind.__name__} that cannot be read") from exc

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise Defect("journal-closed", f"journal {self._path}", expected="use inside its `with` block")
        return self._connection


def _records(kind: type[R], rows: list[tuple[object, ...]]) -> list[R]:
    """The columns are selected in the order of the record's fields."""
    return [kind.model_validate(dict(zip(kind.model_fields, row, strict=True))) for row in rows]


def _id_of(canonical: str) -> str:
    return content_id("c", canonical)


def _reply(
    text: str, finish_reason: str | None, prompt: int | None, completion: int | None, model: str, raw: str
) -> ChatReply:
    """Of a row of `_REPLY`."""
    usage = None if prompt is None or completion is None else Usage(prompt_tokens=prompt, completion_tokens=completion)
    return ChatReply(text=text, finish_reason=finish_reason, usage=usage, model=model, raw=raw)


def _drawn(match: Match) -> dict[str, Any]:
    return match.model_dump(exclude={"first": {"error_probability"}, "second": {"error_probability"}})


def _storable(text: str) -> str:
    """A foreign message may hold halves of surrogate pairs, which UTF-8 has no bytes for."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
