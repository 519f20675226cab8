"""A process that makes calls, to be killed: `python -m tests.mvpbench.chat.calls URL JOURNAL COUNT IN_FLIGHT`."""

import sys
from pathlib import Path

from mvpbench.chat.engine import EngineSettings
from mvpbench.store.journal import Journal
from tests.mvpbench.chat.made import complete_all, opener, requests


def main(url: str, path: str, count: str, in_flight: str) -> None:
    with Journal(Path(path)) as journal:
        settings = EngineSettings(in_flight=int(in_flight))
        complete_all(requests(int(count)), opener(url), journal, settings, lambda _line: None)


if __name__ == "__main__":
    main(*sys.argv[1:])
