-- Format 1. Nothing is ever deleted or overwritten but to end what was begun.

-- A request to a model, under the hash of its canonical JSON.
CREATE TABLE IF NOT EXISTS calls (
    call_id TEXT PRIMARY KEY,
    request TEXT NOT NULL
) STRICT;

-- One try at it. `begun` without an end: it was in flight when the process died, and may have been paid.
CREATE TABLE IF NOT EXISTS attempts (
    attempt INTEGER PRIMARY KEY AUTOINCREMENT,
    call_id TEXT NOT NULL REFERENCES calls (call_id),
    state TEXT NOT NULL CHECK (state IN ('begun', 'done', 'failed')),
    begun_at TEXT NOT NULL,
    ended_at TEXT,
    raw TEXT,                       -- the response body as it came
    text TEXT,
    finish_reason TEXT,
    model TEXT,                     -- as the server named it
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    usd REAL,
    failure TEXT,                   -- kind
    detail TEXT,
    CHECK ((state = 'begun') = (ended_at IS NULL)),
    CHECK ((state = 'done') = (raw IS NOT NULL)),
    CHECK ((state = 'failed') = (failure IS NOT NULL))
) STRICT;
CREATE INDEX IF NOT EXISTS attempts_of_call ON attempts (call_id, state);

-- Something made outside (a project, a task, an upload), written down before and after.
CREATE TABLE IF NOT EXISTS writes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    payload TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    result TEXT,                    -- NULL while only begun
    done_at TEXT,
    UNIQUE (kind, key),
    CHECK ((result IS NULL) = (done_at IS NULL))
) STRICT;

-- Couples of counterparts: once recorded, never redrawn.
CREATE TABLE IF NOT EXISTS matches (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    record TEXT NOT NULL,
    recorded_at TEXT NOT NULL
) STRICT;

-- The question written for a match by a hand (a writer with its version): once recorded, kept while the match stands.
CREATE TABLE IF NOT EXISTS questions (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    match_id TEXT NOT NULL,
    hand TEXT NOT NULL,
    record TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    UNIQUE (match_id, hand)
) STRICT;

-- The questions lent to people without a counterpart, the first that still serves first.
CREATE TABLE IF NOT EXISTS loans (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    respondent_id TEXT NOT NULL,
    question_id TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    UNIQUE (respondent_id, question_id)
) STRICT;
