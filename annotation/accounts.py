"""Who is behind an account's number: the id under which its answers appear in tables.

A number alone says nothing, as a server that is put back to a backup gives numbers out again. What it does not give out
again is the moment at which an account was made: it is told of every account to the microsecond (an address is not: of
who was removed from the organisation it says "Deleted", and addresses are not for keeping). A pull writes it down with
the answers (`annotation.sync.kept`), so that they keep their annotator when the account is deleted.

Of answers that were pulled before moments were asked for only the number is known, and their id is made of it. Such an
answer is by the account of its number, of those known, that was made last before the answer was. The account that had
been made before the earliest of them keeps that id; accounts made later get one of their own. The same goes for an
account that was deleted before the first pull. All these times are the server's: one whose clock was put back between
the making of an account and its first answers shows a rater of such a study as two. So does a moment that somebody
changed: the server lets any account do that to any other.

Whoever is deleted between the listing of an answer and the question after accounts has no moment either. That makes
nobody another: the answer is by the account of its number that was made last before it, of those known, else its id is
made of the number. Known are those of who rated, of who adjudicated, and of every simulated annotator, whose moment is
written down before its first answer: so that it never counts as human.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from annotation.export import ExportedAnnotation
from annotation.projects import ADJUDICATION_PROJECT, ANNOTATOR, PROJECT, annotator_id, projects, server_name
from annotation.studio import Studio
from annotation.sync.kept import said
from mvpbench.store.journal import Journal
from schemas.annotation import Annotator

SIMULATED = "simulated-account"
"""Kind of journal write; keys are `<server>/<number>/<when it was made>`, of accounts that we made."""


class Account(NamedTuple):
    """What the server tells of whoever answers."""

    server: str
    """`Slot.server`."""
    user: int
    joined: datetime | None
    """When it was made; None where nobody knows."""


class Pulled(NamedTuple):
    """An answer that was pulled, and the server from which."""

    server: str
    annotation: ExportedAnnotation


Identify = Callable[[str, ExportedAnnotation], str]
"""(`Slot.server`, an annotation by somebody) -> annotator's id."""


class Accounts:
    """Everybody who answered, in a study: as rater or adjudicator, so that nobody is two in two tables."""

    def __init__(self, journal: Journal, pulled: Iterable[Pulled]) -> None:
        self._joined: dict[tuple[str, int], set[datetime]] = {}
        self._unknown: dict[tuple[str, int], datetime] = {}
        """When the earliest answer was made that was pulled before moments were asked for."""
        for server, user, joined in _simulated(journal):
            self._joined.setdefault((server, user), set()).add(joined)
        for server, one in pulled:
            if one.completed_by is None:
                continue
            key = (server, one.completed_by)
            if one.joined is not None:
                self._joined.setdefault(key, set()).add(one.joined)
            elif one.by_number:
                self._unknown[key] = min(self._unknown.get(key, one.created_at), one.created_at)
        name = server_name(journal)
        self._id = cache(lambda account: annotator_id(name, *account))

    def identify(self, server: str, one: ExportedAnnotation) -> str:
        """Return the id of who made the annotation, which is by somebody."""
        key = (server, one.completed_by or 0)
        return self.id_of(Account(*key, one.joined or _last(self._joined.get(key, ()), one.created_at)))

    def id_of(self, account: Account) -> str:
        """Return the id of an account, whether or not it has answered."""
        server, user, joined = account
        earliest = self._unknown.get((server, user))
        if joined is None or earliest is None:
            return self._id(account)
        heir = _last({joined, *self._joined.get((server, user), ())}, earliest)
        return self._id(account if heir != joined else Account(server, user, None))


def pulled_of(folder: Path, journal: Journal, *kinds: str) -> Iterator[Pulled]:
    """Yield every annotation that was ever pulled of the projects of these kinds, by default of all."""
    for kind in kinds or (PROJECT, ADJUDICATION_PROJECT):
        for project in projects(journal, kind):
            for one in said(folder, project.key):
                yield Pulled(project.slot.server, one.annotation)


def note_simulated(studio: Studio, journal: Journal, server: str, accounts: Accounts) -> None:
    """Write down the present ids of simulated annotators that are on record under another; for the lock's holder.

    They are told by the addresses under which we signed them up: who simulated before moments were asked for, and
    pulls now, has them on record by their numbers.
    """
    records = [one for one in journal.writes(ANNOTATOR) if one.result]
    if not records:
        return
    users, joined = studio.users(), studio.joined()
    made = {users[user]: Account(server, user, joined[user]) for user in users.keys() & joined.keys()}
    for record in records:
        if record.payload in made:
            account = made[record.payload]
            annotator = Annotator.model_validate_json(record.result or "")
            present = annotator.model_copy(update={"id": accounts.id_of(account)})
            note_annotator(journal, present, record.payload, account)


def note_annotator(journal: Journal, annotator: Annotator, address: str, account: Account | None = None) -> None:
    """Write down who is not human, the address that we made for it, and the account if it is known."""
    writes = [(ANNOTATOR, f"{annotator.id}/{annotator.slot}", address, annotator.model_dump_json())]
    if account is not None and account.joined is not None:
        writes.append((SIMULATED, f"{account.server}/{account.user}/{account.joined.isoformat()}", "", ""))
    with journal.batch():
        for kind, key, payload, result in writes:
            journal.begin_write(kind, key, payload)
            journal.finish_write(kind, key, result)


def _simulated(journal: Journal) -> Iterator[tuple[str, int, datetime]]:
    for record in journal.writes(SIMULATED):
        server, user, joined = record.key.rsplit("/", 2)
        yield server, int(user), datetime.fromisoformat(joined)


def _last(moments: Iterable[datetime], until: datetime) -> datetime | None:
    return max((one for one in moments if one <= until), default=None)
