"""The watch: it looks again, pulls each time where asked, says what went wrong, and ends with what was seen last."""

import re
from collections.abc import Callable
from io import StringIO

import pytest
from rich.console import Console

from annotation.status import watch
from annotation.status.measure import measure
from schemas.errors import Defect, ServiceError, Stopped
from schemas.progress import Progress
from tests.annotation.status.made import NOW, answer, seen, tasks

SLOT = "KE-sw-person-1"
ASSIGNED = tasks(SLOT, 9)


def _console() -> tuple[Console, StringIO]:
    file = StringIO()
    return Console(file=file, force_terminal=True, width=100, height=30, color_system=None, legacy_windows=False), file


def _growing() -> Callable[[], Progress]:
    """Each look finds one answer more."""
    looks: list[int] = []

    def look() -> Progress:
        looks.append(1)
        return measure(seen(ASSIGNED, [answer(one) for one in ASSIGNED[: len(looks)]]), NOW)

    return look


def _ending(after: int) -> tuple[Callable[[float], None], list[float]]:
    waits: list[float] = []

    def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == after:
            raise KeyboardInterrupt

    return pause, waits


def test_it_looks_until_it_is_ended_and_returns_the_last() -> None:
    console, file = _console()
    pause, waits = _ending(3)
    found = watch(_growing(), console, 5, pause=pause)
    assert waits == [5, 5, 5]
    assert found.sample.answered == 4  # one look before the screen is taken, three on it
    assert re.findall(r"(\d) of 9 ratings are in", file.getvalue()) == ["2", "3", "4"]
    assert "every 5 s; Ctrl-C ends" in file.getvalue()


def test_it_pulls_before_each_look() -> None:
    pause, _ = _ending(2)
    pulls: list[int] = []
    console, file = _console()
    watch(_growing(), console, 1, fetch=lambda: pulls.append(1), pause=pause)
    assert len(pulls) == 2
    # The first look is drawn before the first pull, which takes its time.
    assert re.findall(r"(\d) of 9 ratings are in", file.getvalue()) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ServiceError("server-unreachable", "label studio [red]", found="no answer"),
            "label studio [red]: found no answer",
        ),
        (Stopped("study-locked", "the study", found="pid 7", way_out="run it again"), "the study: found pid 7"),
    ],
)
def test_a_pull_that_fails_is_told_and_tried_again(error: Exception, told: str) -> None:
    console, file = _console()
    pause, waits = _ending(2)

    def fetch() -> None:
        if not waits:
            raise error

    assert watch(_growing(), console, 1, fetch=fetch, pause=pause).sample.answered == 3
    assert file.getvalue().count(f"not pulled just now, tried again at the next look: {told}") == 1
    assert "run it again" not in file.getvalue()


def test_a_defect_ends_it() -> None:
    def fetch() -> None:
        raise Defect("broken", "ours")

    with pytest.raises(Defect):
        watch(_growing(), _console()[0], 1, fetch=fetch, pause=lambda _: None)


def test_interrupted_while_it_pulls_it_ends_as_well() -> None:
    def fetch() -> None:
        raise KeyboardInterrupt

    assert watch(_growing(), _console()[0], 1, fetch=fetch, pause=lambda _: None).sample.answered == 1
