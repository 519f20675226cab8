"""Hashes that change with what matters and with nothing else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvpbench.store.fingerprint import (
    LEFT_OUT,
    canonical_json,
    file_sha256,
    folder_sha256,
    section_sha256,
    shape_sha256,
)
from schemas.errors import Defect, InputError
from schemas.identity import digest
from schemas.labels import Label
from schemas.questions import Match
from schemas.record import Record
from schemas.study import StudyConfig, WriterSection
from tests.mvpbench.store.made import a_label

CONFIG = StudyConfig.model_validate({"format": 1, "name": "x", "survey": {"file": "a.csv"}})

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""sha256 of "abc": NIST FIPS 180-2, appendix B.1."""


def with_writer(**changes: object) -> StudyConfig:
    writer = WriterSection.model_validate(changes)
    return CONFIG.model_copy(update={"generate": CONFIG.generate.model_copy(update={"writer": writer})})


def test_the_hash_of_a_file_is_the_sha256_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert file_sha256(tmp_path / "abc") == ABC


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        file_sha256(tmp_path / "answers.csv")
    assert str(caught.value) == f"no file {tmp_path / 'answers.csv'}. check the path in study.yaml"
    with pytest.raises(InputError) as caught:
        folder_sha256(tmp_path, "*.yaml")
    assert str(caught.value) == f"no files in {tmp_path}: found nothing, expected files named *.yaml"


def test_the_hash_of_a_folder_sees_names_contents_and_nothing_else(tmp_path: Path) -> None:
    def folder(name: str, files: dict[str, str]) -> str:
        for path, text in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text)
        return folder_sha256(tmp_path / name, "**/*.yaml")

    same = folder("a", {"one.yaml": "1", "sub/two.yaml": "2"})
    assert folder("b", {"sub/two.yaml": "2", "one.yaml": "1", "notes.txt": "left out by the pattern"}) == same
    assert folder("c", {"one.yaml": "1", "sub/three.yaml": "2"}) != same
    assert folder("d", {"one.yaml": "12", "sub/two.yaml": ""}) != same


def test_what_a_stage_reads_of_the_configuration_changes_its_hash_and_the_rest_does_not() -> None:
    generate = section_sha256(CONFIG, "generate")
    assert section_sha256(CONFIG.model_copy(update={"name": "y"}), "generate") == generate
    assert section_sha256(with_writer(temperature=0.1), "generate") != generate
    assert (
        section_sha256(with_writer(in_flight=99, key_env="OTHER", price_per_million_prompt_tokens=3.0), "generate")
        == generate
    )
    assert section_sha256(with_writer(in_flight=99), "generate.writer") == section_sha256(CONFIG, "generate.writer")
    assert section_sha256(CONFIG, "generate.max_uses") != section_sha256(CONFIG, "generate.max_per_couple")


def test_the_order_of_a_folder_on_disk_does_not_count(tmp_path: Path) -> None:
    names = sorted(f"{number}.txt" for number in range(30))
    for name in reversed(names):
        (tmp_path / name).write_bytes(b"abc")
    assert folder_sha256(tmp_path) == digest("folder", [[name, ABC] for name in names])


@pytest.mark.parametrize("path", sorted(LEFT_OUT))
def test_everything_left_out_is_a_key_of_study_yaml(path: str) -> None:
    assert len(section_sha256(CONFIG, path)) == 64


def test_a_section_that_study_yaml_does_not_have_is_our_own_mistake() -> None:
    with pytest.raises(Defect, match="found generate"):
        section_sha256(CONFIG, "generate.author")


class Wider(Record):
    """Two columns, one of which may be empty."""

    a: int
    b: str | None


def test_the_shape_sees_the_name_the_columns_and_which_may_be_empty() -> None:
    def shape(name: str, **fields: object) -> str:
        return shape_sha256(type(name, (Record,), {"__annotations__": fields, "__module__": __name__}))

    assert shape("Wider", a=int, b=str | None) == shape_sha256(Wider)
    others = [shape("Wider", a=int, b=str), shape("Wider", a=float, b=str | None), shape("Other", a=int, b=str | None)]
    assert len({shape_sha256(Wider), shape_sha256(Label), shape_sha256(Match), *others}) == 6


@given(st.dictionaries(st.text(), st.integers(min_value=-(2**53), max_value=2**53)))
def test_equal_records_have_equal_canonical_json(votes: dict[str, int]) -> None:
    backwards = dict(reversed(votes.items()))
    label = a_label(1)
    one, other = label.model_copy(update={"votes": votes}), label.model_copy(update={"votes": backwards})
    assert canonical_json(one) == canonical_json(other)
    assert Label.model_validate_json(canonical_json(one)) == one


def test_canonical_json_is_compact_sorted_and_unescaped() -> None:
    assert canonical_json(Wider(a=1, b="ж")) == '{"a":1,"b":"ж"}'
