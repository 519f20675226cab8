"""Whatever texts a file holds, the YAML drafted from it says what it should and nothing else."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.survey.draft import describe_survey
from builder.survey.draft.facts import gather
from builder.survey.draft.guess import guess
from builder.survey.draft.write import write_draft
from builder.survey.draft.yaml_text import COMMENT, TODO, Page, code, flow, scalar
from mvpbench.store.config_file import parse_yaml
from tests.builder.survey.draft.made import MFQ2, kenya, write_sav

pytestmark = pytest.mark.slow

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
HOSTILE = (
    "a: b",
    "x # y",
    "no",
    "1e3",
    "- item",
    "{a: b}",
    "&anchor *alias",
    "!!python/object:os.system",
    "%YAML 1.1",
    "---",
    "...",
    'it\'s "quoted"',
    "trailing ",
    f"one{BREAKS}licence: CC0-1.0",
    "\u202eright to left",
    "null",
    "~",
    "2026-01-01",
    "12:30",
    "",
    "None",
    "पुरुष",
    "ذكر",
    "男",
)


@given(TEXTS)
def test_a_scalar_is_read_back_as_it_was_in_a_block_and_between_brackets(text: str) -> None:
    assert yaml.safe_load(f"key: {scalar(text)}") == {"key": text}
    assert yaml.safe_load(f"key: [{scalar(text)}, {scalar(text)}]") == {"key": [text, text]}
    assert yaml.safe_load(f"key: {{a: {scalar(text)}, b: 1}}") == {"key": {"a": text, "b": 1}}


@given(st.dictionaries(TEXTS, TEXTS, max_size=4))
def test_codes_are_text_when_they_are_read_back(values: dict[str, str]) -> None:
    assert yaml.safe_load(f"key: {flow(values)}") == {"key": values}
    assert all("\n" not in code(one) for one in values)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_scalar_is_read_back_as_it_was(text: str) -> None:
    assert yaml.safe_load(f"key: {scalar(text)}  # why") == {"key": text}


@given(st.text(max_size=900))
def test_nothing_gets_out_of_a_comment(text: str) -> None:
    page = Page()
    page.put("a", "1", text)
    page.gap("b", text)
    page.note(text)
    page.mapping("c", {"x": "y", "z": "w"}, why={"x": text})
    written = page.text()
    assert yaml.safe_load(written) == {"a": 1, "b": None, "c": {"x": "y", "z": "w"}}
    assert all(len(line) <= 2 * COMMENT + 40 for line in written.splitlines())
    assert page.todo == ["b"]


def test_breaks_of_every_kind_stay_inside_a_comment() -> None:
    page = Page()
    page.put("a", "1", f"why{BREAKS}b: 2")
    assert page.text() == "a: 1  # why b: 2\n"


def test_a_long_comment_goes_above_and_a_long_list_over_lines() -> None:
    page = Page()
    page.gap("framework", "word " * 60)
    page.listed("columns", MFQ2)
    lines = page.text().splitlines()
    assert lines[0].startswith(f"# {TODO} word")
    assert max(map(len, lines)) <= 120
    assert yaml.safe_load(page.text()) == {"framework": None, "columns": list(MFQ2)}


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.strip()])
def test_hostile_labels_and_names_leave_the_draft_what_it_is(tmp_path: Path, text: str) -> None:
    """As a label of a column, of an answer and of the file, and as the name of a column of a text file."""
    from tests.builder.survey.draft import made

    frame = kenya(40)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(made.LABELS, "educ", text)
        patch.setitem(made.LABELS, "mfq_3", text)
        patch.setitem(made.VALUE_LABELS, "educ", {0: text, 1: "Primary", 2: "Secondary", 3: "Higher"})
        plain = describe_survey(write_sav(tmp_path / "kenya.sav", frame, title=text[:60])).result
    read = parse_yaml(plain.codebook, "draft")
    assert read["instrument"]["columns"] == list(MFQ2)
    assert read["licence"] is None
    assert not set(read) - {
        *(
            "codebook",
            "name",
            "title",
            "version",
            "format",
            "framework",
            "citation",
            "licence",
            "redistribute_profiles",
        ),
        *("language", "language_column", "consent", "id", "country", "demographics", "instrument", "item_missing"),
        *("weights", "psu", "missing"),
    }
    assert all(char not in plain.model_dump_json() for char in BREAKS[1:] + "\u202e")


@settings(max_examples=25)
@given(st.lists(TEXTS, min_size=3, max_size=5, unique=True))
def test_columns_of_any_name_are_named_exactly(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    path = tmp_path_factory.mktemp("named") / "own.parquet"
    columns = [[1 + (row + place) % 5 for row in range(20)] for place in range(len(names))]
    pq.write_table(pa.table(columns, names=names), path)
    facts = gather(path, None)
    read = parse_yaml(write_draft(guess(facts))[0], "draft")
    told = [item["column"] for item in read.get("items") or []]
    assert set(told) <= set(names)
