"""Templates, the policy on what a page may load, and data that lies in a page."""

import base64
import hashlib
import json
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from schemas.errors import ConfigError
from schemas.visible import is_seen

ENDINGS = (".html", ".htm")
SHARED = Path(__file__).parent
ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def environment(folder: Path) -> ImmutableSandboxedEnvironment:
    """Return the environment for the templates in `folder`, beside which lies its `page.css`.

    Every text is escaped, and shown without characters that cannot be seen or that turn the direction of reading.
    `head.html.j2` writes the head; `style` is the style of all pages followed by the folder's own.
    """
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([folder, SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sheets = (SHARED / "base.css", folder / "page.css")
    made.globals["style"] = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    made.filters["count"] = lambda count: f"{count:,}"
    return made


def seen(text: str) -> str:
    """Return what can be seen of a foreign text."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char for char in text if char.isspace() or is_seen(char))


def policy(style: str, script: str) -> str:
    """Return the policy of a page that loads nothing and runs and wears no more than these, by their hashes."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def data_block(data: object) -> str:
    """Return `data` as JSON that may stand inside a `<script type="application/json">`: nothing in it closes that."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Outside of strings JSON has none of these characters.
    return text.translate(ESCAPES)


def require_page_name(page: Path, option: str = "--html") -> None:
    """Refuse a file that is no name of a page: what is there is replaced, and it could be the survey.

    Raises:
        ConfigError: `page-ending`.
    """
    if page.suffix.lower() not in ENDINGS:
        raise ConfigError(
            "page-ending",
            option,
            found=f"{page.name!r}",
            expected="a name that ends in .html",
            way_out=f"write {option} {page.with_suffix('.html').name}",
        )


def _shown(value: object) -> object:
    if not isinstance(value, str) or hasattr(value, "__html__"):  # what a macro of ours made is seen to already
        return value
    return seen(value)


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
