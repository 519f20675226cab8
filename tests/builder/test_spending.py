"""What a run costs: told before within a tenth, held to a bound, and the same in the report as in the journal."""

import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from builder.generate import estimate_questions, preview_questions, run_generate
from mvpbench.chat.server import Fault, FaultMix, LocalServer, local_server
from mvpbench.store.journal import Journal, Spent
from mvpbench.store.study import Study, open_study
from schemas.errors import ConfigError, Stopped
from tests.builder.disturbed import CONFIG, KEY_ENV, PRICES, at, profiled, tables
from tests.builder.test_run import quiet

pytestmark = pytest.mark.slow

PEOPLE = 30
FAULTS = FaultMix(
    rates={
        Fault.TRUNCATED: 0.01,
        Fault.REFUSAL: 0.01,
        Fault.WRONG_SCHEMA: 0.01,
        Fault.INVALID_CONTENT: 0.01,
        Fault.NOT_JSON: 0.005,
        Fault.USAGE_MISSING: 0.01,
        Fault.SERVER_ERROR: 0.01,
        Fault.RATE_LIMITED_BARE: 0.01,
    },
    seed=3,
)


@pytest.fixture(autouse=True, scope="module")
def _key() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY_ENV, "none")
        yield


def agreed(_price: str | None) -> None:
    pass


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return profiled(tmp_path_factory.mktemp("prepared") / "study", people=PEOPLE)


def with_config(study: Study, changes: Mapping[str, str]) -> Study:
    text = study.config_file.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    study.config_file.write_text(text, encoding="utf-8")
    return open_study(study.root)


def spent(study: Study) -> Spent:
    with Journal(study.journal, view=True) as journal:
        return journal.spent()


def state(study: Study) -> dict[str, str]:
    """A hash of every file but the lock."""
    files = [path for path in sorted(study.root.rglob("*")) if path.is_file() and path.name != "lock"]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("mix", [None, FAULTS], ids=["no faults", "faults"])
@pytest.mark.parametrize("recipes", ["sides", "tradeoff", "paper", "sides, tradeoff, paper"])
def test_an_estimate_is_within_a_tenth_of_what_the_run_reports_and_calls_and_writes_nothing(
    prepared: Study, tmp_path: Path, recipes: str, mix: FaultMix | None
) -> None:
    with local_server(mix=mix) as server:
        study = with_config(at(server, prepared, tmp_path / "study"), {"[sides, tradeoff, paper]": f"[{recipes}]"})
        before = state(study)
        told = estimate_questions(study)
        assert (state(study), server.requests) == (before, 0)
        done = run_generate(study, quiet, agreed)
    found = spent(study)
    foreseen = told.result
    assert foreseen.usd is not None
    assert math.isclose(foreseen.calls, found.calls, rel_tol=0.1)
    tokens = foreseen.prompt_tokens + foreseen.completion_tokens
    assert math.isclose(tokens, found.prompt_tokens + found.completion_tokens, rel_tol=0.1)
    if mix is None:
        assert math.isclose(foreseen.prompt_tokens, found.prompt_tokens, rel_tol=0.1)
        assert math.isclose(foreseen.completion_tokens, found.completion_tokens, rel_tol=0.1)
    assert math.isclose(foreseen.usd, found.usd, rel_tol=0.1)
    assert done.summary[-1] == (
        f"{found.calls:,} model calls replied to, {found.prompt_tokens:,} + {found.completion_tokens:,} tokens, "
        f"${found.usd:,.4f} of known prices"
    )


def test_an_estimate_follows_what_is_there_and_ends_at_nothing(prepared: Study, tmp_path: Path) -> None:
    """After a preview tokens come from its replies, and what it wrote is not counted again; after all, nothing is."""
    with local_server(mix=FAULTS) as server:
        study = at(server, prepared, tmp_path / "study")
        first = estimate_questions(study).result
        preview_questions(study, 40, quiet, agreed)
        previewed = spent(study)
        left = estimate_questions(study)
        assert left.result.calls < first.calls - previewed.calls / 2
        assert "replies of this model to requests of this kind" in left.result.basis
        run_generate(study, quiet, agreed)
        found = spent(study)
        assert left.result.usd is not None
        assert math.isclose(left.result.calls, found.calls - previewed.calls, rel_tol=0.1)
        assert math.isclose(left.result.usd, found.usd - previewed.usd, rel_tol=0.1)
        nothing = estimate_questions(study).result
        assert (nothing.calls, nothing.usd, nothing.basis) == (0, 0.0, "nothing is left to be asked")


def test_the_judge_of_questions_that_no_model_writes_is_estimated_by_these(prepared: Study, tmp_path: Path) -> None:
    """The template writer is free and always the same: the judge's calls are known to the last one."""
    with local_server() as server:
        study = at(server, prepared, tmp_path / "study")
        writer = next(line for line in study.config_file.read_text().splitlines() if "writer:" in line)
        study = with_config(study, {writer: "  writer: {kind: template}", ", paper]": "]"})
        told = estimate_questions(study)
        run_generate(study, quiet, agreed)
        assert server.requests > 10
    found = spent(study)
    assert math.isclose(told.result.calls, found.calls, rel_tol=0.05)
    assert told.result.usd is not None
    assert math.isclose(told.result.usd, found.usd, rel_tol=0.1)
    assert told.summary[-1] == f"{told.result.calls:,} of the model calls are the judge's"


def stopped_at(study: Study, most: float) -> Spent:
    with pytest.raises(Stopped) as caught:
        run_generate(study, quiet, agreed, most)
    assert (caught.value.report.code, caught.value.exit_code) == ("budget-spent", 75)
    return spent(study)


def test_a_bound_stops_the_run_in_time_and_the_next_goes_on(prepared: Study, tmp_path: Path) -> None:
    """Small bounds end among the writer's calls, the last but one among the judge's: it is one budget for both."""
    with local_server() as server:
        study = at(server, prepared, tmp_path / "free")
        run_generate(study, quiet, agreed)
        whole, calm = spent(study), tables(study)
        assert whole.usd > 0.2
    with local_server() as server:
        study = at(server, prepared, tmp_path / "bound")
        before = 0.0
        for most in (0.001, 0.03, 0.05, whole.usd - 0.1):
            now = stopped_at(study, most)
            assert now.usd - before <= most
            assert now.unfinished == 0
            assert most < 0.01 or now.usd - before > most / 2
            before = now.usd
        run_generate(study, quiet, agreed, whole.usd)
        assert set(server.paid.values()) == {1}
        assert math.isclose(spent(study).usd, whole.usd)
        assert tables(study) == calm


def test_what_was_perhaps_paid_counts_against_the_bound(prepared: Study, tmp_path: Path) -> None:
    """The server makes replies and loses them: its own count of them at the journal's mean price stays in bounds."""
    mix = FaultMix(rates={Fault.LOST_REPLY: 0.3})
    with local_server(mix=mix) as server:
        study = at(server, prepared, tmp_path / "study")
        found = stopped_at(study, 0.03)
        made = sum(server.paid.values())
        assert made > found.calls
        assert made * found.usd / found.calls <= 0.03


@pytest.mark.parametrize("whose", ["writer", "judge"])
def test_a_bound_without_a_price_is_refused_before_anybody_is_paid(prepared: Study, tmp_path: Path, whose: str) -> None:
    with local_server() as server:
        study = at(server, prepared, tmp_path / "study")
        line = next(line for line in CONFIG.splitlines() if f"  {whose}:" in line).partition("base_url")[0]
        text = study.config_file.read_text(encoding="utf-8")
        priced = next(one for one in text.splitlines() if one.startswith(line))
        study = with_config(study, {priced: priced.replace(f", {PRICES}", "")})
        for run in (run_generate, lambda *rest: preview_questions(study, 3, *rest[1:])):
            with pytest.raises(ConfigError) as caught:
                run(study, quiet, agreed, 1.0)
            report = caught.value.report
            assert (report.code, report.subject, caught.value.exit_code) == ("price-unknown", "--max-usd", 2)
            assert f"no price for the model '{whose[0].replace('w', 'm')}'" in (report.found or "")
        assert server.requests == 0


def test_a_judge_without_a_key_is_told_before_the_writer_is_paid(
    prepared: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MVPBENCH_NO_KEY", raising=False)
    with local_server() as server:
        study = at(server, prepared, tmp_path / "study")
        text = study.config_file.read_text(encoding="utf-8")
        judge = next(line for line in text.splitlines() if line.startswith("  judge:"))
        study = with_config(study, {judge: judge.replace(KEY_ENV, "MVPBENCH_NO_KEY")})
        with pytest.raises(ConfigError) as caught:
            run_generate(study, quiet, agreed)
        assert (caught.value.report.code, server.requests) == ("key-missing", 0)


def test_what_is_asked_about_is_what_is_estimated(prepared: Study, tmp_path: Path) -> None:
    """Both prices are told before their calls; the first calls of the writer are all there are of its first round."""
    asked: list[str] = []

    def note(server: LocalServer, price: str | None) -> None:
        if price is not None:
            asked.append(f"{server.requests} {price}")

    with local_server() as server:
        study = at(server, prepared, tmp_path / "study")
        run_generate(study, quiet, lambda price: note(server, price))
        counts = [re.match(r"(\d+) ([\d,]+) model calls to (\w)", line) for line in asked]
        assert [found.groups()[2] for found in counts if found] == ["m", "j"]
        assert sum(int(found.group(2)) for found in counts if found) == server.requests
