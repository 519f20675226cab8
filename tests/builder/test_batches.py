"""`generate --batch` over a study: what is paid, what is asked before, and a way out of every end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.batches import collect_batch, forget_batches, submit_batch
from builder.generate import draw_matches, estimate_questions, material_of, run_generate, writer_of
from mvpbench.chat.batch.ledger import begin_batch
from mvpbench.chat.batch.run import open_calls
from mvpbench.chat.price import in_dollars
from mvpbench.chat.server import LocalServer, local_server
from mvpbench.chat.tokens import most_tokens
from mvpbench.store.journal import Journal, call_id
from mvpbench.store.study import Study, locked, open_study
from schemas.chat import ChatRequest
from schemas.errors import ConfigError, ServiceError, Stopped
from tests.builder.disturbed import JUDGE, KEY_ENV, NOWHERE, PRICES, at, profiled
from tests.builder.test_run import answers, free, quiet
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


def at_most(calls: list[ChatRequest]) -> float:
    """At a dollar a million tokens of the prompt and four of the reply, as configured; a batch costs half."""
    usages = [most_tokens(call) for call in calls]
    return sum(usage.prompt_tokens + 4 * usage.completion_tokens for usage in usages) / 1e6 / 2


@pytest.mark.parametrize("share", [0.99, 1.01])
def test_a_batch_must_fit_with_the_longest_replies_at_half_the_price(
    study: Study, server: LocalServer, share: float
) -> None:
    _, calls = begun(study, server)
    most = at_most(calls)
    agreed = Agreed()
    if share < 1:
        with pytest.raises(ConfigError) as caught:
            submit_batch(study, quiet, agreed, share * most, Sleeps())
        assert caught.value.report.code == "batch-over-budget"
        assert (agreed, batches_at(server)) == ([], 0)
    else:
        assert submit_batch(study, quiet, agreed, share * most, Sleeps()).result.created == 1
        assert f"at most {in_dollars(most)}" in agreed[0]


def test_what_is_about_to_be_paid_is_half_of_what_single_calls_cost(study: Study, server: LocalServer) -> None:
    whole = estimate_questions(changed(study, JUDGE.replace(NOWHERE, server.url), "")).result.usd
    assert whole is not None
    agreed = Agreed()
    submit_batch(open_study(study.root), quiet, agreed)
    assert f"about {in_dollars(whole / 2)}," in agreed[0]


def test_a_bound_counts_what_open_batches_may_cost(study: Study, server: LocalServer) -> None:
    """The same prompts at another temperature are other calls that cost as much."""
    _, calls = begun(study, server)
    submit_batch(study, quiet, Agreed(), None, Sleeps())
    other, most = changed(study, "model: m,", "model: m, temperature: 0.1,"), at_most(calls)
    with pytest.raises(ConfigError) as caught:
        submit_batch(other, quiet, Agreed(), 1.99 * most)
    assert f"beside batches not collected that may cost {in_dollars(most)}" in (caught.value.report.found or "")
    assert submit_batch(other, quiet, Agreed(), 2.01 * most).result.created == 1
    third = changed(other, "model: m,", "model: n,")
    with pytest.raises(ConfigError) as caught:
        submit_batch(third, quiet, Agreed(), 100.0)
    assert "no price for the model 'm' of a batch" in (caught.value.report.found or "")


def test_without_a_price_a_bound_is_refused(study: Study, server: LocalServer) -> None:
    with pytest.raises(ConfigError) as caught:
        submit_batch(changed(study, f", {PRICES}", ""), quiet, Agreed(), 1.0)
    assert (caught.value.report.code, server.requests) == ("price-unknown", 0)
    agreed = Agreed()
    submit_batch(open_study(study.root), quiet, agreed)
    assert "price unknown" in agreed[0]


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
        assert not open_calls(journal).keys() & set(map(call_id, calls))


@pytest.fixture
def other() -> Iterator[LocalServer]:
    with local_server() as running:
        yield running


def open_in(study: Study) -> str:
    """Return what a plain `generate` says of calls that are in a batch."""
    with pytest.raises(Stopped) as caught:
        run_generate(study, quiet, free)
    assert caught.value.report.code == "batch-open"
    return caught.value.report.sentence()


def test_a_batch_of_another_address_is_named_everywhere_and_can_be_collected_or_given_up(
    study: Study, server: LocalServer, other: LocalServer
) -> None:
    handed_over = submit_batch(study, quiet, Agreed()).result.calls
    moved = changed(study, server.url, other.url)
    assert server.url in open_in(moved)
    assert "--batch forget" in open_in(moved)
    said: list[str] = []
    for done in (collect_batch(moved, said.append), submit_batch(moved, said.append, free)):
        assert done.result.elsewhere == {server.url: 1}
    assert [server.url in line for line in said] == [True, True]
    step = collect_batch(moved, quiet).next_step
    assert step == f"mvpbench generate --batch collect, with {server.url} as `base_url`"
    with pytest.raises(Stopped):
        forget_batches(moved, quiet, declined)
    assert collect_batch(changed(moved, other.url, server.url), quiet).result.replies == handed_over


def test_a_batch_that_is_given_up_frees_its_calls(study: Study, server: LocalServer, other: LocalServer) -> None:
    """The other server has never heard of the batch, and is not asked."""
    handed_over = submit_batch(study, quiet, Agreed()).result.calls
    moved, agreed = changed(study, server.url, other.url), Agreed()
    done = forget_batches(moved, quiet, agreed)
    assert done.result.model_dump() == {"batches": 1, "calls": handed_over}
    assert f"1 batch went to {server.url}" in agreed[0]
    assert "paid again" in agreed[0]
    assert other.requests == 0
    assert forget_batches(moved, quiet, free).result.batches == 0
    run_generate(moved, quiet, Agreed())
    assert set(other.paid.values()) == {1}


def test_a_batch_that_its_service_has_lost_is_given_up(study: Study, server: LocalServer) -> None:
    submit_batch(study, quiet, Agreed())
    with local_server() as empty:
        server.desk = empty.desk
    with pytest.raises(ServiceError) as caught:
        collect_batch(study, quiet)
    assert caught.value.report.code == "batch-unknown"
    assert "--batch forget" in caught.value.report.sentence()
    agreed = Agreed()
    assert forget_batches(study, quiet, agreed).result.batches == 1
    assert f"{server.url} does not know batch_" in agreed[0]
    assert submit_batch(study, quiet, Agreed()).result.created == 1


def test_results_are_fetched_though_the_study_is_stale(study: Study) -> None:
    handed_over = submit_batch(study, quiet, Agreed()).result.calls
    answers_file = study.root / "answers.csv"
    answers_file.write_text(answers(range(PEOPLE + 2)), encoding="utf-8")
    done = collect_batch(study, quiet)
    assert (done.result.replies, done.result.left, done.next_step) == (handed_over, None, "mvpbench status")
    assert "calls left" not in done.counts
    assert "run `mvpbench survey import`" in done.summary[0]
    answers_file.write_text(answers(range(PEOPLE)), encoding="utf-8")
    fresh = collect_batch(study, quiet)
    assert (fresh.result.replies, fresh.summary) == (0, ())
    assert fresh.result.left is not None


def test_results_are_fetched_though_no_model_writes_any_more(study: Study, server: LocalServer) -> None:
    """`kind: template` with the address still there; without it the batch is one of another address."""
    handed_over = submit_batch(study, quiet, Agreed()).result.calls
    away = changed(study, f"kind: openai, model: m, base_url: '{server.url}'", "kind: template")
    assert collect_batch(away, quiet).result.elsewhere == {server.url: 1}
    back = changed(away, "kind: template", f"kind: template, base_url: '{server.url}'")
    done = collect_batch(back, quiet).result
    assert (done.replies, done.elsewhere, done.left) == (handed_over, {}, 0)
    with pytest.raises(ConfigError) as caught:
        collect_batch(back, quiet)
    assert caught.value.report.code == "batch-by-template"


def test_a_batch_that_runs_cannot_be_given_up(study: Study, server: LocalServer) -> None:
    submit_batch(study, quiet, Agreed())
    assert forget_batches(study, quiet, free).result.batches == 0
    assert collect_batch(study, quiet).result.replies > 0


def test_what_may_never_have_been_created_can_be_given_up_too(study: Study, server: LocalServer) -> None:
    _, calls = begun(study, server)
    agreed = Agreed()
    assert forget_batches(study, quiet, agreed, Sleeps()).result.calls == len(calls)
    assert "never heard of" in agreed[0]
    run_generate(study, quiet, Agreed())
    assert batches_at(server) == 0
