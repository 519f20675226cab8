"""What holds for every test: a reproducible hypothesis profile, no silent skips in CI, the demo made once."""

import os
import re
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests.whole import WholeDemo, make_whole_demo

settings.register_profile("mvpbench", derandomize=True, deadline=None)
settings.register_profile("quick", derandomize=True, deadline=None, max_examples=10)
settings.register_profile("soak", max_examples=5000, deadline=None)
settings.load_profile("mvpbench")

IN_CI = os.environ.get("CI") == "true"
DEMO, STUDIO = "the demo", "a Label Studio"
MADE_ONCE = {
    "tests/mvpbench/demo/test_run.py": DEMO,
    "tests/annotation/adjudication/test_browser.py": STUDIO,
    "tests/annotation/status/test_server.py": STUDIO,
    **{
        f"tests/annotation/test_{name}.py": STUDIO
        for name in ("adjudicate", "browser", "contract", "projects", "studio")
    },
    **{f"tests/annotation/test_{name}.py": STUDIO for name in ("push_faults", "push_pull")},
}
"""Files that share what is slow to make: one process for all of each, and these first. A file that is not named and
asks for the server all the same gets one of its own."""
LONG = tuple(f"tests/annotation/test_{name}.py" for name in ("faults", "server_life", "postgres", "accounts"))
"""They have servers of their own and take longest of all single files."""


WHOLE_FILE = re.compile(r"^pytestmark = pytest\.mark\.(\w+)$", re.MULTILINE)
"""How a file says that all of its tests are of one kind."""


class ByFile(LoadFileScheduling):
    """`--dist loadfile`, but what shares something of `MADE_ONCE` is handed out together."""

    def _split_scope(self, nodeid: str) -> str:
        return _unit(nodeid)


def _unit(nodeid: str) -> str:
    file = nodeid.split("::")[0]
    return MADE_ONCE.get(file, file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    """Ours, where xdist was asked for its own by file. Its `loadgroup` does not know the ids of newer pytests."""
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave unread what `-m "not ..."` leaves out file by file: libraries of models take longest to import."""
    if collection_path.suffix != ".py" or not config.option.markexpr:
        return None
    left_out = {part.removeprefix("not ") for part in config.option.markexpr.split(" and ") if part.startswith("not ")}
    return bool(left_out & set(WHOLE_FILE.findall(collection_path.read_text(encoding="utf-8")))) or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first: units are handed out in this order, and the processes shall end together."""
    slow = Counter(_unit(item.nodeid) for item in items if item.get_closest_marker("slow"))
    first = {unit: place for place, unit in enumerate((DEMO, STUDIO, *LONG))}
    items.sort(key=lambda item: (first.get(_unit(item.nodeid), len(first)), -slow[_unit(item.nodeid)]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The report of one phase of a test; with CI=true a skip is a failure (an expected failure stays one)."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        _fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The report of collecting a file; with CI=true a file that skips itself whole is a failure."""
    report = yield
    if IN_CI and report.skipped:
        _fail(report)
    return report


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turns a skip into a failure that still says where the skip was asked for, and why."""
    match report.longrepr:
        case (str(path), int(line), str(reason)):
            why = f"{reason} ({path}:{line})"
        case other:
            why = str(other)
    report.outcome = "failed"
    report.longrepr = f"skipped under CI=true, where nothing may be skipped: {why}"


@pytest.fixture(scope="session")
def whole_demo(tmp_path_factory: pytest.TempPathFactory) -> WholeDemo:
    """The demo, made once for all tests and stopped on its way. Never written to: copy it."""
    return make_whole_demo(tmp_path_factory.mktemp("demo") / "study")
