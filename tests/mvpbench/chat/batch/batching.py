"""A process that makes calls in batches, to be killed.

`python -m tests.mvpbench.chat.batch.batching URL JOURNAL COUNT`
"""

import sys
from pathlib import Path

from mvpbench.store.journal import Journal
from tests.mvpbench.chat.batch.made import collected, service_opener, submitted
from tests.mvpbench.chat.made import requests


def main(url: str, path: str, count: str) -> None:
    with Journal(Path(path)) as journal, service_opener(url)() as service:
        submitted(service, journal, requests(int(count)), base_url=url, most_requests=2)
        collected(service, journal, base_url=url)


if __name__ == "__main__":
    main(*sys.argv[1:])
