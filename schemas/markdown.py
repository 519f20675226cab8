"""Text from people and models in Markdown: shown as it is, never read as markup, links or HTML."""

import re

from schemas.visible import is_seen

_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~$&@]")
_BLOCK_START = re.compile(r"^(?:[-+=:]|\d+[.)](?= |$))")
_LINK_START = re.compile(r"(?i)(?::(?=//)|(?<=www)\.|(?<=mailto):|(?<=xmpp):)")


def escape(text: str) -> str:
    r"""Return `text` as one line of Markdown that shows its characters.

    Works within a paragraph, a heading, a list item and a table cell, in CommonMark and in GitHub's dialect (bare
    links, tables, strikethrough, `$` formulas). Runs of white space become one space; characters that cannot be seen
    or that turn the direction of reading are left out.
    """
    seen = " ".join("".join(char for char in text if char.isspace() or is_seen(char)).split())
    shown = _SPECIAL.sub(lambda found: f"\\{found.group()}", seen)
    # A backslash before its punctuation keeps an address from being made a link; it looks the same.
    shown = _LINK_START.sub(lambda found: f"\\{found.group()}", shown)
    return _BLOCK_START.sub(lambda found: f"{found.group()[:-1]}\\{found.group()[-1]}", shown)
