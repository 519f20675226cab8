"""What earlier versions of mvpbench left in a study."""

import re
from pathlib import Path

ACCOUNTS = re.compile(rb'\{"end":\{"format":2,(.*),"accounts":.*')


def by_numbers(folder: Path) -> None:
    """Let the logs be of format 1, as they were before it was asked when accounts were made."""
    for path in (folder / "exports").glob("*.jsonl"):
        content, blocks = ACCOUNTS.subn(rb'{"end":{"format":1,\1}}', path.read_bytes())
        assert blocks
        path.write_bytes(content)
