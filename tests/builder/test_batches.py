"""`generate --batch` over a study: what is paid, what is asked before, and a way out of every end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.batches import submit_batch
from builder.generate import draw_matches, material_of, writer_of
from mvpbench.chat.batch.ledger import begin_batch
from mvpbench.chat.batch.run import open_calls
from mvpbench.chat.server import LocalServer, local_server
from mvpbench.store.journal import Journal, call_id
from mvpbench.store.study import Study, locked, open_study
from schemas.chat import ChatRequest
from schemas.errors import ConfigError, Stopped
from tests.builder.disturbed import KEY_ENV, at, profiled
from tests.builder.test_run import free, quiet
from tests.mvpbench.chat.batch.made import Sleeps, service_opener

pytestmark = pytest.mark.slow

PEOPLE = 8


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return profiled(tmp_path_factory.mktemp("prepared") / "study", people=PEOPLE)


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with local_server() as running:
        yield running


@pytest.fixture
def study(prepared: Study, server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    monkeypatch.setenv(KEY_ENV, "none")
    return at(server, prepared, tmp_path / "study")


class Agreed(list[str]):
    """Agrees to every price and keeps it."""

    def __call__(self, price: str | None) -> None:
        """Agree."""
        if price is not None:
            self.append(price)


def declined(price: str | None) -> None:
    if price is not None:
        raise Stopped("declined", "spending")


def changed(study: Study, old: str, new: str) -> Study:
    """Return the study with another configuration."""
    config = study.config_file.read_text(encoding="utf-8")
    assert old in config
    study.config_file.write_text(config.replace(old, new), encoding="utf-8")
    return open_study(study.root)


def begun(study: Study, server: LocalServer) -> tuple[str, list[ChatRequest]]:
    """Leave what a run leaves that is killed before it creates its batch; return the batch's key and its calls."""
    with locked(study), Journal(study.journal) as journal:
        material = material_of(study)
        _, matches = draw_matches(study, material, journal)
        calls = list(writer_of(study, material, journal).next_calls(material.orders(matches)))
        key, _ = begin_batch(journal, calls, server.url)
    return key, calls


def batches_at(server: LocalServer) -> int:
    with service_opener(server.url, key="none")() as service:
        return len(list(service.list()))


def test_a_batch_that_was_never_created_is_asked_for_like_any_other(study: Study, server: LocalServer) -> None:
    _, calls = begun(study, server)
    with pytest.raises(ConfigError) as caught:
        submit_batch(study, quiet, Agreed(), 0.000001, Sleeps())
    assert caught.value.report.code == "batch-over-budget"
    with pytest.raises(Stopped):
        submit_batch(study, quiet, declined, None, Sleeps())
    assert batches_at(server) == 0
    agreed = Agreed()
    done = submit_batch(study, quiet, agreed, None, Sleeps()).result
    assert (done.created, done.adopted, done.calls, done.waiting) == (1, 0, len(calls), 0)
    assert len(agreed) == batches_at(server) == 1


def test_a_batch_that_was_created_unheard_is_adopted_for_nothing(study: Study, server: LocalServer) -> None:
    key, calls = begun(study, server)
    with service_opener(server.url, key="none")() as service:
        service.create(service.upload(b"{}\n"), key)
    done = submit_batch(study, quiet, free, 0.0, Sleeps()).result
    assert (done.created, done.adopted, done.calls, done.waiting) == (0, 1, len(calls), 0)
    assert batches_at(server) == 1


def test_calls_that_nobody_wants_any_more_are_not_handed_over(study: Study, server: LocalServer) -> None:
    _, calls = begun(study, server)
    agreed = Agreed()
    done = submit_batch(changed(study, "model: m,", "model: n,"), quiet, agreed, None, Sleeps()).result
    assert (done.created, done.adopted) == (1, 0)
    assert "to n at" in agreed[0]
    with Journal(study.journal, view=True) as journal:
        assert not open_calls(journal) & set(map(call_id, calls))
