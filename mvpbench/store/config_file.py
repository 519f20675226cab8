"""YAML configuration as records: every problem at once, each with its key, what was found and what was expected."""

import re
import reprlib
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mvpbench.store.atomic import disk_errors
from schemas.errors import ConfigError
from schemas.record import Record

R = TypeVar("R", bound=Record)

LIBYAML_DEPTH = 2_000
"""libyaml's recursion is not Python's: a few ten thousand levels end the process."""
_READ_OTHERWISE = re.compile("[\t!\x85\u2028\u2029\ufeff]|[|>][-+0-9]*#|[?](?![\"'])")
"""What libyaml and PyYAML's own code do not read alike."""

_QUOTED = "yaml reads an unquoted no, yes, on, off, number or date as such: put it in quotes"


def read_config(path: Path, record: type[R]) -> R:
    """Return the YAML file as a `record`; the same object for the same content, so change nothing in it.

    Raises:
        ConfigError: `config-missing`, `config-unreadable` (no YAML of text keys, or a key twice) or `config-invalid`.
    """
    read: R = _config(_content(path), str(path), record)
    return read


@lru_cache(maxsize=256)
def _config(content: bytes, source: str, record: type[R]) -> R:
    """What `read_config` does, once for the same content: many countries share a file of strings, which takes 30 ms."""
    return parse_config(_mapping(content, source), source, record)


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in the YAML file, not yet validated.

    Raises:
        ConfigError: `config-missing` or `config-unreadable`.
    """
    return _mapping(_content(path), str(path))


def _content(path: Path) -> bytes:
    with disk_errors(path):
        try:
            return path.read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as exc:
            raise ConfigError("config-missing", f"no file {path}", way_out="check the path, or write the file") from exc


def _mapping(content: bytes, source: str) -> dict[str, Any]:
    try:
        return parse_yaml(content.decode("utf-8-sig"), source)
    except UnicodeDecodeError as exc:
        raise _unreadable(source, f"byte {exc.start}", "a byte that is not UTF-8", "text in UTF-8") from exc


def parse_yaml(text: str, source: str) -> dict[str, Any]:
    """Return the mapping in `text`; `source` names it in messages. Nothing in it can make an object or run.

    Raises:
        ConfigError: `config-unreadable`.
    """
    try:
        data = _parse(text, source)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else None
        raise _unreadable(source, where, f"a mistake ({exc.problem})", "plain YAML") from exc
    except (yaml.YAMLError, RecursionError, ValueError) as exc:
        raise _unreadable(source, None, f"a mistake ({str(exc).splitlines()[0]})", "plain YAML") from exc
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        found = "nothing" if data is None else reprlib.repr(data)
        raise _unreadable(source, None, found, "keys that are text, each with its value")
    return data


def _parse(text: str, source: str) -> Any:  # noqa: ANN401 - whatever the YAML holds
    """Return what the YAML holds. Libyaml is ten times as fast as PyYAML's own code, where it is sure to do as well."""
    if yaml.__with_libyaml__ and _depth_at_most(text) <= LIBYAML_DEPTH and not _READ_OTHERWISE.search(text):
        try:
            return _document(yaml.CSafeLoader(text), source)
        except yaml.YAMLError:
            pass  # PyYAML's own words are the ones that are told
    return _document(yaml.SafeLoader(text), source)


def _document(loader: Any, source: str) -> Any:  # noqa: ANN401 - the two loaders share no type
    try:
        node = loader.get_single_node()
        _refuse_duplicates(node, source)
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _depth_at_most(text: str) -> int:
    """Return a bound of the nesting: a bracket opens one level, a column a mapping and a list within it at most."""
    columns = max(map(len, text.splitlines()), default=0)
    return text.count("[") + text.count("{") + 2 * columns


def parse_config(data: dict[str, Any], source: str, record: type[R]) -> R:
    """Return `data` as a `record`; `source` names it in messages.

    Raises:
        ConfigError: `config-invalid`; `where` holds the path of the key, or of all keys where several are wrong.
    """
    try:
        return record.model_validate(data)
    except ValidationError as exc:
        raise _invalid(exc.errors(include_url=False), source, record) from exc


def _invalid(errors: list[ErrorDetails], source: str, record: type[Record]) -> ConfigError:
    keys = [_key(error["loc"]) for error in errors]
    problems = [_problem(error, record) for error in errors]
    hint = _hint(errors, record)
    if len(errors) == 1:
        found, expected = problems[0]
        return ConfigError("config-invalid", source, where=keys[0], found=found, expected=expected, way_out=hint)
    listed = [f"{key}: {found} (expected {expected})" for key, (found, expected) in zip(keys, problems, strict=True)]
    found = f"{len(errors)} things wrong: " + "; ".join(listed)
    return ConfigError("config-invalid", source, where=", ".join(keys), found=found, way_out=hint)


def _problem(error: ErrorDetails, record: type[Record]) -> tuple[str, str]:
    kind, message = error["type"], error["msg"]
    if kind == "missing":
        return "nothing", "this key"
    if kind == "extra_forbidden":
        return "an unknown key", "one of " + ", ".join(_known_keys(record, error["loc"][:-1]))
    found = "nothing" if error["input"] is None else reprlib.repr(error["input"])
    expected = message.removeprefix("Input should be ").removeprefix("Value error, ")
    return found, expected[:1].lower() + expected[1:]


def _hint(errors: list[ErrorDetails], record: type[Record]) -> str | None:
    for error in errors:
        if error["input"] is None and error["type"] != "missing":
            return "write a value there; in a draft a TODO says what"
        if error["type"] == "string_type" and isinstance(error["input"], bool | int | float):
            return _QUOTED
        if error["type"] == "extra_forbidden":
            close = get_close_matches(str(error["loc"][-1]), _known_keys(record, error["loc"][:-1]), n=1)
            if close:
                return f"did you mean `{close[0]}`?"
    return None


def _known_keys(record: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    current: Any = record
    for part in location:
        if isinstance(current, type) and issubclass(current, BaseModel) and part in current.model_fields:
            current = _model_in(current.model_fields[str(part)].annotation)
    return list(current.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - annotations have no type of their own
    """Return the one model inside `X`, `X | None`, `tuple[X, ...]` or `dict[str, X]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)


def _key(location: tuple[int | str, ...]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".") or "the whole"


def _refuse_duplicates(node: yaml.Node | None, source: str) -> None:
    seen: set[int] = set()
    waiting = [node] if node else []
    while waiting:
        current = waiting.pop()
        if id(current) in seen:  # an alias: a node may be reached many times, or contain itself
            continue
        seen.add(id(current))
        if isinstance(current, yaml.SequenceNode):
            waiting.extend(current.value)
        if isinstance(current, yaml.MappingNode):
            _refuse_duplicate_keys(current, source)
            waiting.extend(value for _, value in current.value)


def _refuse_duplicate_keys(mapping: yaml.MappingNode, source: str) -> None:
    keys: set[str] = set()
    for key, _ in mapping.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in keys:
                raise _unreadable(source, f"line {key.start_mark.line + 1}", f"`{key.value}` a second time", "it once")
            keys.add(key.value)


def _unreadable(source: str, where: str | None, found: str, expected: str) -> ConfigError:
    return ConfigError("config-unreadable", source, where=where, found=found, expected=expected)
