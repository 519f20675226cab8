"""YAML configuration is read plainly and refused with every problem at once."""

from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from mvpbench.store.config_file import parse_yaml, read_config
from schemas.errors import ConfigError
from schemas.record import Record


class Part(Record):
    """One of several."""

    weight: float


class Configuration(Record):
    """Parts by name, in a list, and perhaps one more."""

    parts: dict[str, Part] = Field(default_factory=dict)
    listed: tuple[Part, ...] = ()
    extra: Part | None = None


def error_of(path: Path, text: str) -> ConfigError:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_config(path, Configuration)
    return caught.value


def test_a_file_becomes_a_record_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    for mark in ("", "\ufeff"):
        path.write_text(mark + "parts: {жить: {weight: 1}}\n", encoding="utf-8")
        assert read_config(path, Configuration) == Configuration(parts={"жить": Part(weight=1.0)})


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("parts: {a: {weight: 1, wieght: 2}}", "parts.a.wieght"),
        ("listed: [{weight: 1}, {weight: 1, wieght: 2}]", "listed[1].wieght"),
        ("extra: {weight: 1, wieght: 2}", "extra.wieght"),
    ],
)
def test_the_keys_known_at_a_place_are_told_wherever_it_is(tmp_path: Path, text: str, where: str) -> None:
    report = error_of(tmp_path / "some.yaml", text).report
    assert (report.where, report.found, report.expected, report.way_out) == (
        where,
        "an unknown key",
        "one of weight",
        "did you mean `weight`?",
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(tmp_path / "some.yaml", Configuration)
    assert str(caught.value) == f"no file {tmp_path / 'some.yaml'}. check the path, or write the file"


def test_a_few_lines_of_aliases_do_not_become_gigabytes_of_message(tmp_path: Path) -> None:
    # Nine levels of ten aliases each: written out it would be a thousand million words.
    levels = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert len(str(error_of(tmp_path / "some.yaml", "\n".join(levels)))) < 2000
    assert len(str(error_of(tmp_path / "some.yaml", "parts: &p {a: *p}"))) < 2000


@pytest.mark.slow
@pytest.mark.parametrize("text", ["[" * 1_000, "[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000])
def test_lists_within_lists_without_end_are_refused(tmp_path: Path, text: str) -> None:
    assert error_of(tmp_path / "some.yaml", text).report.code == "config-unreadable"


@pytest.mark.parametrize("depth", [900, 1_100, 2_100])
def test_what_is_nested_deeply_is_read_or_refused(depth: int) -> None:
    for text in ("a: " + "[" * depth + "]" * depth, "a: " + "- " * depth, "- " * depth + "a"):
        with suppress(ConfigError):
            assert isinstance(parse_yaml(text, "some.yaml"), dict)


@given(st.text())
def test_any_text_is_a_mapping_or_one_error(text: str) -> None:
    try:
        found: object = parse_yaml(text, "some.yaml")
    except ConfigError as error:
        found = (error.report.code, error.report.subject)
    assert isinstance(found, dict) or found == ("config-unreadable", "some.yaml")


MARKS = st.text(alphabet="ab01-:,[]{}#&*!|>'\"%@`?~ \n\t.e\u00a0\u2028\x85\u4e2d", max_size=30)


@given(MARKS)
def test_it_is_read_as_yaml_reads_it(text: str) -> None:
    """Whatever reads it: the reference is PyYAML's own loader."""
    try:
        found = parse_yaml(f"a: {text}", "some.yaml")
    except ConfigError:
        return
    assert repr(found) == repr(yaml.safe_load(f"a: {text}"))
