"""What `annotate reconcile` tells people: each kind of difference with what it means and what to do, for a terminal."""

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from schemas.reconcile import Difference, Finding

WIDTH = 79
COMMAND = re.compile("`[^`]*`")
KEPT_SPACE = "\N{NO-BREAK SPACE}"
TOLD = 10
"""Findings of a kind shown to people; all of them are in the result."""
SUBJECT_CHARACTERS = 60
"""A task that somebody made may have a name of any length."""


class Meaning(NamedTuple):
    """A kind of difference in words."""

    what: str
    to_do: str


ACCEPT = 'mvpbench annotate reconcile --accept {kind} --why "..."'
MEANINGS: Mapping[Difference, Meaning] = {
    Difference.PROJECT_GONE: Meaning(
        "projects that are not on the server any more, or have lost our mark",
        "put the mark back into the description, or the server back to its backup; if that cannot be,"
        " `mvpbench annotate push --anew` (an adjudicator's: `mvpbench annotate adjudicate --anew`) makes a new one",
    ),
    Difference.PROJECT_ELSEWHERE: Meaning(
        "projects that were made on another server than this one",
        "name that server in `annotate.url` of study.yaml, or leave it out for the one of `mvpbench annotate serve`; if"
        " that server is lost for good, `mvpbench annotate push --anew` (an adjudicator's: `mvpbench annotate"
        " adjudicate --anew`) sends what is still to be answered to this one",
    ),
    Difference.PROJECT_UNKNOWN: Meaning(
        "projects that bear this study's mark and are not its own",
        "copies that somebody made: delete them on the server, or accept them",
    ),
    Difference.CONFIG_CHANGED: Meaning(
        "projects whose labelling interface was changed",
        "look at it on the server (Settings, Labeling Interface): can raters still answer what is asked? put it back,"
        " or accept it",
    ),
    Difference.BATCH_UNFINISHED: Meaning(
        "batches of tasks whose end no run has seen", "`mvpbench annotate reconcile --repair` finds out what landed"
    ),
    Difference.TASK_MISSING: Meaning(
        "tasks that were sent and are not there",
        "`mvpbench annotate push` sends them again (an adjudicator's: `mvpbench annotate adjudicate`)",
    ),
    Difference.TASK_DOUBLED: Meaning(
        "tasks that are there more than once",
        "`mvpbench annotate reconcile --repair` deletes copies that nobody has begun; of others one answer a rater"
        " counts, so accept them",
    ),
    Difference.TASK_FOREIGN: Meaning(
        "tasks that this study never sent; answers to them do not count",
        "delete them on the server, or accept them",
    ),
    Difference.TASK_CHANGED: Meaning(
        "tasks whose texts were edited on the server; answers given since do not count",
        "put the texts back, or accept it",
    ),
    Difference.ANSWER_NOT_PULLED: Meaning(
        "answers that are new or edited since the last pull", "`mvpbench annotate pull` brings them"
    ),
    Difference.ANSWER_OVERLOOKED: Meaning(
        "answers that are new or edited and that no pull asks for: in a slot's earlier project, or stamped before what"
        " was pulled",
        "`mvpbench annotate reconcile --repair` brings them, and `mvpbench annotate pull` then puts them into the"
        " tables",
    ),
    Difference.ANSWER_EARLIER: Meaning(
        "answers of which the server holds a version stamped before the one pulled; the one pulled counts",
        "a server was put back, or its clock. `mvpbench annotate pull --whole` takes the server's version; or accept"
        " it, and the one pulled stands",
    ),
    Difference.ANSWER_GONE: Meaning(
        "answers that were pulled and deleted on the server since; they count",
        "`mvpbench annotate pull --accept-deletions` leaves them out; or accept it, and they go on counting",
    ),
    Difference.ANSWER_OF_NOBODY: Meaning(
        "answers whose account was deleted before they were pulled; as nobody knows whose they are, they do not count",
        "delete them on the server, so that their tasks are answered again, or accept it",
    ),
    Difference.ACCOUNT_GONE: Meaning(
        "accounts that are not on the server any more; what they answered counts",
        "nothing is lost: accept it",
    ),
}
MENDED_BY_COMMAND = frozenset(
    {
        Difference.PROJECT_GONE,
        Difference.PROJECT_ELSEWHERE,
        Difference.BATCH_UNFINISHED,
        Difference.TASK_MISSING,
        Difference.ANSWER_NOT_PULLED,
        Difference.ANSWER_OVERLOOKED,
    }
)
"""Kinds that nobody needs to leave as they are: a command mends them, and work cannot go on before."""


def undecided(found: Iterable[Finding]) -> list[Finding]:
    """Return the differences that nobody has accepted."""
    return [one for one in found if one.accepted is None]


def in_words(found: Iterable[Finding], places: Mapping[str, str]) -> Iterator[str]:
    """Yield lines that fit a terminal: what is to be done first, kind by kind, then what may stay.

    `places`: project -> its address.
    """
    found = list(found)
    left = undecided(found)
    for kind in Difference:
        mine = [one for one in left if one.difference is kind]
        if mine:
            yield from (*_kind(kind, mine), "")
    yield from (f"{name}: {places[name]}" for name in sorted({one.project for one in left} & places.keys()))
    accepted = Counter((one.difference, one.accepted) for one in found if one.accepted is not None)
    order = list(Difference)
    for (kind, why), count in sorted(accepted.items(), key=lambda one: order.index(one[0][0])):
        yield from _wrapped(f"{kind.value}, {count} accepted: {why}", "  ")
    if left:
        yield f"differences: {len(left):,}; the exit is 1 until each is mended or accepted"
    elif not found:
        yield "nothing differs: journal, pulled answers and server say the same"


def ways_out(found: Iterable[Finding]) -> str:
    """Return what to do about each kind, in one line."""
    kinds = {one.difference for one in undecided(found)}
    return "; ".join(f"{kind.value}: {_to_do(kind)}" for kind in Difference if kind in kinds)


def _kind(kind: Difference, found: list[Finding]) -> Iterator[str]:
    yield from _wrapped(f"{kind.value}, {len(found)}: {MEANINGS[kind].what}", "  ")
    for one in found[:TOLD]:
        subject = one.subject[:SUBJECT_CHARACTERS]
        where = f" in {one.project}" if one.project != one.subject else ""
        yield from _wrapped(f"  - {subject}{where}" + f" ({one.detail})" * bool(one.detail), "    ")
    if len(found) > TOLD:
        yield f"  - and {len(found) - TOLD:,} more, named by --json"
    yield from _wrapped(f"  do: {_to_do(kind)}", "      ")


def _to_do(kind: Difference) -> str:
    how = "" if kind in MENDED_BY_COMMAND else f" (`{ACCEPT.format(kind=kind.value)}`)"
    return MEANINGS[kind].to_do + how


def _wrapped(text: str, indent: str) -> list[str]:
    """Return the lines of a text; commands stay in one piece, so that they can be copied."""
    whole = COMMAND.sub(lambda found: found[0].replace(" ", KEPT_SPACE), text)
    lines = textwrap.wrap(whole, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return [line.replace(KEPT_SPACE, " ") for line in lines]
