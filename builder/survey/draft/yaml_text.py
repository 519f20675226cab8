"""YAML written line by line with comments, safe whatever texts come in."""

import re
import textwrap
from collections.abc import Mapping, Sequence

import yaml

from builder.survey.draft.facts import clean

WIDTH = 120
COMMENT = 200
"""Characters of a comment's foreign text."""
TODO = "TODO"
_PLAIN = re.compile(r"[^\W\d_](?:[\w./()'+%-]| (?=[^ #]))*")


def scalar(text: str) -> str:
    """Return `text` as a YAML scalar that is read back as exactly it, in a block or between brackets."""
    if _PLAIN.fullmatch(text) and text.isprintable() and yaml.safe_load(text) == text:
        return text
    listed = yaml.safe_dump([text], default_flow_style=True, default_style='"', allow_unicode=True, width=10**9)
    return listed.strip()[1:-1]


def code(text: str) -> str:
    """Return `text` as a quoted scalar, as codes of a file are written."""
    return scalar(text) if not _PLAIN.fullmatch(text) else f'"{text}"'


def flow(values: Mapping[str, str]) -> str:
    """Return a mapping of codes to texts on one line."""
    return "{" + ", ".join(f"{code(key)}: {scalar(value)}" for key, value in values.items()) + "}"


class Page:
    """The lines of a YAML file as they are written, and the gaps in it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.todo: list[str] = []
        """Paths of the keys that are still to be filled."""

    def put(self, key: str, value: str, why: str = "", indent: int = 0) -> None:
        """Write `key: value`, the value being YAML, with a comment behind or, where that is too long, above it."""
        line = f"{' ' * indent}{key}: {value}" if value else f"{' ' * indent}{key}:"
        self._commented(line, why, indent)

    def gap(self, key: str, what: str, path: str = "", indent: int = 0) -> None:
        """Write `key:` with nothing behind it, so that it is refused, and a comment that says what to write."""
        self.todo.append(path or key)
        self._commented(f"{' ' * indent}{key}:", f"{TODO} {what}", indent)

    def item(self, value: str, indent: int = 2) -> None:
        """Write the first line of a list's entry."""
        self.lines.append(f"{' ' * indent}- {value}")

    def note(self, text: str, indent: int = 0) -> None:
        """Write a comment on lines of its own."""
        start = f"{' ' * indent}# "
        told = clean(text, 20 * COMMENT)
        self.lines += textwrap.wrap(
            told, WIDTH, initial_indent=start, subsequent_indent=start, break_long_words=True, break_on_hyphens=False
        )

    def mapping(
        self, key: str, values: Mapping[str, str], indent: int = 0, why: Mapping[str, str] | None = None
    ) -> None:
        """Write a mapping of codes to texts: on one line where it fits and nothing is said of an entry."""
        told = {name: text for name, text in (why or {}).items() if text}
        line = f"{' ' * indent}{key}: {flow(values)}"
        if len(line) <= WIDTH and (not told or len(values) == 1):
            self._commented(line, next(iter(told.values()), ""), indent)
            return
        self.put(key, "", indent=indent)
        for name, value in values.items():
            self.put(code(name), scalar(value), told.get(name, ""), indent + 2)

    def listed(self, key: str, values: Sequence[str], indent: int = 0) -> None:
        """Write a list of names between brackets, on as many lines as it needs."""
        start = f"{' ' * indent}{key}: ["
        lines, line = [], start
        for place, value in enumerate(values):
            text = scalar(value) + ("," if place < len(values) - 1 else "]")
            if len(line) + len(text) > WIDTH and line != start:
                lines.append(line.rstrip())
                line = " " * len(start)
            line += text + " "
        self.lines += [*lines, line.rstrip()] if values else [start + "]"]

    def text(self) -> str:
        """Return the file."""
        return "\n".join(self.lines) + "\n"

    def _commented(self, line: str, why: str, indent: int) -> None:
        told = clean(why, 2 * COMMENT)
        if not told:
            self.lines.append(line)
        elif len(line) + len(told) + 4 <= WIDTH:
            self.lines.append(f"{line}  # {told}")
        else:
            self.note(told, indent)
            self.lines.append(line)
