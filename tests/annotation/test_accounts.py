"""Two people stay two although a server gave both one number; one stays one whatever becomes of the account."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest

from annotation.accounts import Account, Accounts, Pulled, note_annotator
from annotation.export import ExportedAnnotation
from annotation.fake.server import FakeStudio
from annotation.projects import ADJUDICATION_PROJECT, annotator_id, current_projects, server_name
from annotation.pull import pull
from annotation.push import push
from annotation.server.life import running_server
from annotation.server.state import FOLDER
from annotation.simulated import SimulatedAnnotator, result_of, simulate
from annotation.studio import Studio, connected
from annotation.sync.kept import Found, Kept, append, line_of
from annotation.web import Session
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.annotation import Annotation, Annotator, AnnotatorKind, Slot
from tests.annotation.earlier import by_numbers
from tests.annotation.pushed import quiet, rater

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SLOT, LAST = "KE-en-person-1", "KE-en-person-3"


def at(hour: float) -> datetime:
    return NOON + timedelta(hours=hour)


def said(hour: float, joined: float | None, user: int = 2) -> Pulled:
    fields = {"id": 1, "completed_by": user, "result": [], "created_at": at(hour), "updated_at": at(hour)}
    made = None if joined is None else at(joined)
    return Pulled("ls-1", ExportedAnnotation.model_validate({**fields, "joined": made, "by_number": joined is None}))


def of_one_deleted_meanwhile(hour: float) -> Pulled:
    """By an account that was deleted between the listing of its answer and the question after accounts."""
    server, annotation = said(hour, None)
    return Pulled(server, annotation.model_copy(update={"by_number": False}))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as opened:
        yield opened


def ids(journal: Journal, *pulled: Pulled) -> list[str]:
    accounts = Accounts(journal, pulled)
    return [accounts.identify(*one) for one in pulled]


def by_number(journal: Journal, user: int = 2, server: str = "ls-1") -> str:
    return annotator_id(server_name(journal), server, user, None)


def test_one_number_of_two_accounts_is_two_annotators_and_no_other_study_can_tell_them(
    journal: Journal, tmp_path: Path
) -> None:
    first, again, second = ids(journal, said(1, joined=0), said(2, joined=0), said(4, joined=3))
    assert first == again != second
    with Journal(tmp_path / "other.db") as other:
        assert not {first, second} & set(ids(other, said(1, joined=0), said(4, joined=3)))


def test_what_was_pulled_by_number_alone_keeps_its_id_and_so_does_who_goes_on(journal: Journal) -> None:
    found = ids(journal, said(1, None), said(2, None), said(5, joined=0))
    assert found == [by_number(journal)] * 3


def test_who_was_given_the_number_later_gets_an_id_of_their_own(journal: Journal) -> None:
    old, mine = ids(journal, said(1, None), said(5, joined=4))
    assert old == by_number(journal) != mine
    # Answers of the second that were pulled by number too: made after the account was, they are theirs.
    assert ids(journal, said(1, None), said(5, None), said(6, joined=4)) == [old, mine, mine]


def test_of_two_accounts_made_before_the_earliest_answer_the_later_one_gave_it(journal: Journal) -> None:
    first, old, second = ids(journal, said(0.5, joined=0), said(2, None), said(3, joined=1))
    assert old == second == by_number(journal) != first


def test_an_account_deleted_in_the_midst_of_a_pull_makes_nobody_another(journal: Journal) -> None:
    first, second, later = said(1, joined=0), said(2, joined=0), said(6, joined=5)
    before = ids(journal, first, second, later)
    gone = [of_one_deleted_meanwhile(hour) for hour in (-1, 3, 7)]
    assert ids(journal, first, second, later, *gone) == [*before, by_number(journal), before[0], before[2]]
    # Beside answers of an earlier format too.
    old = [said(0.25, None), first, said(6, joined=0.5)]
    assert ids(journal, *old, *gone)[:3] == ids(journal, *old)


def test_a_simulated_annotator_deleted_before_its_first_pull_is_known_by_the_journal(journal: Journal) -> None:
    account = Account("ls-1", 2, at(0))
    name = Accounts(journal, []).id_of(account)
    note_annotator(journal, Annotator(id=name, kind=AnnotatorKind.SIMULATED, slot=SLOT), "sim@x.invalid", account)
    assert ids(journal, of_one_deleted_meanwhile(1)) == [name] != [by_number(journal)]


def test_numbers_of_other_servers_say_nothing(journal: Journal) -> None:
    known = Accounts(journal, [said(1, None)])
    assert known.id_of(Account("ls-1", 2, at(0))) == by_number(journal)
    for other in (Account("ls-2", 2, at(0)), Account("ls-1", 3, at(0))):
        assert known.id_of(other) == annotator_id(server_name(journal), *other)


class Server(Protocol):
    """One that can be put back."""

    def studio(self) -> Studio:
        """Our account on it."""

    def back_up(self) -> None:
        """Keep what it holds now."""

    def put_back(self) -> None:
        """Let it hold that again."""


class Faked:
    """The fake."""

    def __init__(self, fake: FakeStudio, studio: Studio) -> None:
        self._fake = fake
        self._studio = studio
        self.back_up()

    def studio(self) -> Studio:
        """Our account on it."""
        return self._studio

    def back_up(self) -> None:
        """Keep what it holds now."""
        self._kept = self._fake.held.backup()

    def put_back(self) -> None:
        """Let it hold that again."""
        self._fake.held.restore(self._kept)


class Real:
    """A server of its own, whose files are copied while it is down."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._running = stack.enter_context(ExitStack())
        self._studio = self._start()

    def studio(self) -> Studio:
        """Our account on it."""
        return self._studio

    def back_up(self) -> None:
        """Keep what it holds now."""
        self._down(lambda: shutil.copytree(self._folder, self._kept()))

    def put_back(self) -> None:
        """Let it hold that again."""
        self._down(lambda: (shutil.rmtree(self._folder), shutil.copytree(self._kept(), self._folder)))

    def _kept(self) -> Path:
        return self._folder.parent / "kept"

    def _down(self, work: Callable[[], object]) -> None:
        self._running.close()
        work()
        self._studio = self._start()

    def _start(self) -> Studio:
        server = self._running.enter_context(running_server(self._folder, say=quiet))
        return self._running.enter_context(connected(server.url, server.account.token))


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.server)])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    if request.param == "fake":
        yield Faked(request.getfixturevalue("fake"), request.getfixturevalue("faked"))
        return
    with ExitStack() as stack:
        yield Real(tmp_path / "server" / FOLDER, stack)


def answer(study: Study, studio: Studio, session: Session, choice: str = "A", slot: str = SLOT) -> None:
    """Answer the slot's next task."""
    found = session.next_task(project(study, studio, slot))
    assert found is not None
    session.annotate(found[0], result_of(choice, "sure"), 2.0)


def project(study: Study, studio: Studio, slot: str = SLOT) -> int:
    with Journal(study.journal) as journal:
        return {one.slot.id: one.slot.project_id for one in current_projects(studio, journal)}[slot]


def pulled(study: Study, studio: Studio, **how: bool) -> list[Annotation]:
    pull(study, studio, say=quiet, **how)
    return read_table(study.tables, "annotations", Annotation)


@pytest.mark.slow
def test_a_server_put_back_makes_no_person_another_nor_a_simulated_one(study: Study, server: Server) -> None:
    push(study, server.studio(), say=quiet)
    answer(study, server.studio(), rater(server.studio(), "zoe"), slot=LAST)
    server.back_up()
    zoes = the_answer(study, server.studio(), LAST)
    asked(server.studio(), "PATCH", f"/api/annotations/{zoes}/", {"result": result_of("both", "sure")})
    machine = SimulatedAnnotator(name="sim-made-up", slot="KE-en-person-2", reliability=1)
    simulate(study, server.studio(), say=quiet, annotators=[machine], yes=True)
    answer(study, server.studio(), rater(server.studio(), "ann"))
    before = pulled(study, server.studio())
    server.put_back()
    bob, eve = (rater(server.studio(), name) for name in ("bob", "eve"))
    assert (bob.whoami(), eve.whoami()) == (3, 4)  # the numbers of the simulated one and of Ann
    for _ in range(2):  # the second is a task that nobody had
        answer(study, server.studio(), bob, slot=LAST)
        answer(study, server.studio(), eve, "B")
    rows = pulled(study, server.studio())
    assert [one for one in rows if one in before] == before
    new = [one for one in rows if one not in before]
    assert {one.slot: one.annotator_kind for one in new} == dict.fromkeys([SLOT, LAST], AnnotatorKind.HUMAN)
    assert len({one.annotator for one in rows}) == 5

    # Eve leaves, and what the server says of Zoe's answer is what counts: it has the one before her edit.
    asked(server.studio(), "DELETE", "/api/users/4/")
    edited = [one for one in rows if one.vote == "both"]
    after = pulled(study, server.studio(), whole=True)
    assert [one for one in after if one not in rows] == [one for one in after if one.uid == edited[0].uid]
    assert [one.annotator for one in after] == [one.annotator for one in rows]
    assert "both" not in {one.vote for one in after}


def the_answer(study: Study, studio: Studio, slot: str) -> int:
    """Return the id of the slot's only answer."""
    (found,) = (one["id"] for task in studio.tasks(project(study, studio, slot)) for one in task["annotations"])
    return int(found)


def asked(studio: Studio, method: str, path: str, body: object = None) -> None:
    """Do what any account may do."""
    key = {"Authorization": f"Token {studio.token}"}
    assert studio._http.request(method, f"{studio.url}{path}", json=body, headers=key).is_success


def test_a_study_pulled_before_goes_on_with_the_ids_that_it_has(study: Study, faked: Studio) -> None:
    push(study, faked, say=quiet)
    ann = rater(faked, "ann")
    answer(study, faked, ann)
    pulled(study, faked)
    by_numbers(study.root / FOLDER)
    answer(study, faked, ann)
    rows = pulled(study, faked)
    with Journal(study.journal) as journal:
        assert [one.annotator for one in rows] == [by_number(journal, ann.whoami(), faked.server_id())] * 2


@pytest.mark.slow
@pytest.mark.parametrize("first", [False, True])
def test_who_simulated_before_is_known_as_simulated(study: Study, faked: Studio, first: bool) -> None:
    """With or without a pull in between."""
    push(study, faked, say=quiet)
    session = rater(faked, "sim-made-up")
    assert session.whoami() == 2
    with Journal(study.journal) as journal:
        name = by_number(journal, 2, faked.server_id())
        note_annotator(
            journal, Annotator(id=name, kind=AnnotatorKind.SIMULATED, slot=SLOT), "sim-made-up@people.invalid"
        )
    answer(study, faked, session)
    if first:
        pulled(study, faked)
        by_numbers(study.root / FOLDER)
        answer(study, faked, session)
    rows = pulled(study, faked)
    assert {one.annotator_kind for one in rows} == {AnnotatorKind.SIMULATED}
    assert ({one.annotator for one in rows} == {name}) is first


class Leaving(Studio):
    """The first who answered leaves between the listing of the answer and the question after accounts."""

    def exported(self, project_id: int) -> list[dict[str, Any]]:
        """List all, then delete the account."""
        found = super().exported(project_id)
        by = {one["completed_by"] for task in found for one in task["annotations"]} & self.joined().keys()
        for user in sorted(by):
            asked(self, "DELETE", f"/api/users/{user}/")
        return found


@pytest.mark.slow
@pytest.mark.parametrize("again", [False, True])
def test_who_leaves_in_the_midst_of_a_pull_stays_who_they_were(study: Study, faked: Studio, again: bool) -> None:
    """The simulated one simulated; with or without answers that were pulled before."""
    push(study, faked, say=quiet)
    machine = SimulatedAnnotator(name="sim-made-up", slot=SLOT, reliability=1)
    ann = rater(faked, "ann")
    if again:
        answer(study, faked, ann, slot=LAST)
        simulate(study, faked, say=quiet, annotators=[machine], yes=True)
    before = pulled(study, faked) if again else []
    answer(study, faked, ann, slot=LAST)
    simulate(study, faked, say=quiet, annotators=[machine], yes=True)
    faked.__class__ = Leaving
    rows = pulled(study, faked, whole=True)
    assert faked.joined().keys() == {1}
    assert [one for one in rows if one in before] == before
    kinds = {one.slot: (one.annotator_kind, one.annotator) for one in rows}
    assert [kinds[slot][0] for slot in (SLOT, LAST)] == [AnnotatorKind.SIMULATED, AnnotatorKind.HUMAN]
    assert len({one.annotator for one in rows}) == 2


def test_who_rated_is_known_by_what_they_adjudicated_too(study: Study, faked: Studio) -> None:
    """Decisions of an earlier format keep the id that is made of the number, and so do their maker's ratings."""
    work = push(study, faked, say=quiet).result.slots[0]
    ann = rater(faked, "ann")
    key = "KE-en-adjudication-1/1"
    with Journal(study.journal) as journal:
        journal.begin_write(ADJUDICATION_PROJECT, key, "[a project that is gone]")
        slot = Slot(id="KE-en-adjudication-1", project_id=99, project_title="", server=faked.server_id())
        journal.finish_write(ADJUDICATION_PROJECT, key, slot.model_dump_json())
        number = by_number(journal, ann.whoami(), faked.server_id())
    answer(study, faked, ann)
    before = pulled(study, faked)
    assert number not in {one.annotator for one in before}
    task = next(one for one in faked.tasks(work.project_id) if one["annotations"])
    folder = study.root / FOLDER
    append(folder, key, Kept(), Found([line_of(task, "here")], [], task["updated_at"]))
    log = folder / "exports" / "KE-en-adjudication-1-1.jsonl"
    log.write_bytes(re.sub(rb'"accounts":.*', b'"stands":[]}}', log.read_bytes()))
    assert [one.annotator for one in pulled(study, faked)] == [number]


def test_no_address_reaches_tables_logs_or_what_is_kept(study: Study, faked: Studio) -> None:
    told: list[str] = []
    push(study, faked, say=told.append)
    answer(study, faked, rater(faked, "ann"))
    pull(study, faked, say=told.append)
    files = [path.read_bytes() for path in study.root.rglob("*") if path.is_file()]
    assert not [one for one in (*files, *(line.encode() for line in told)) if b"ann@" in one]
