"""Progress looked at again and again, on a terminal, until the one who looks has seen enough."""

import time
from collections.abc import Callable

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from annotation.status.words import drawing
from mvpbench.page import seen
from schemas.errors import MvpbenchError, ServiceError, Stopped
from schemas.progress import Progress

ROOM = 12
"""Lines that are kept for what stands around the table of countries."""


def watch(
    look: Callable[[], Progress],
    console: Console,
    seconds: float,
    *,
    fetch: Callable[[], object] | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Progress:
    """Draw the progress every `seconds` until a KeyboardInterrupt, and return what was seen last.

    `fetch` brings the tables up to date before each look. Where it meets a server that fails, or a study that another
    command holds, the drawing says so and the next look tries again. What `look` raises ends the watch.
    """
    progress = look()
    with Live(console=console, screen=True, auto_refresh=False, vertical_overflow="ellipsis") as live:
        try:
            if fetch is not None:
                live.update(_screen(progress, console.height, seconds, None), refresh=True)
            while True:
                trouble = _fetched(fetch)
                progress = look()
                live.update(_screen(progress, console.height, seconds, trouble), refresh=True)
                pause(seconds)
        except KeyboardInterrupt:
            return progress


def _fetched(fetch: Callable[[], object] | None) -> str | None:
    try:
        if fetch is not None:
            fetch()
    except (ServiceError, Stopped) as error:
        return f"not pulled just now, tried again at the next look: {_short(error)}"
    return None


def _short(error: MvpbenchError) -> str:
    """The way out is for who ran the command once."""
    return error.report.model_copy(update={"expected": None, "way_out": None}).sentence()


def _screen(progress: Progress, height: int, seconds: float, trouble: str | None) -> RenderableType:
    foot = f"every {seconds:g} s; Ctrl-C ends"
    parts: list[RenderableType] = [Text(foot, style="dim")]
    if trouble is not None:
        parts.append(Text(seen(" ".join(trouble.split())), style="bold red"))
    return Group(*parts, drawing(progress, max(height - ROOM, 3)))
