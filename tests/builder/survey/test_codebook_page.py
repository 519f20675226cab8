"""docs/codebook.md: its example is a codebook, and it leaves no key out."""

import re
from pathlib import Path

import pytest

from builder.frameworks import load_framework
from mvpbench.store.config_file import parse_config, parse_yaml
from schemas.codebook import (
    Codebook,
    Consent,
    CountryColumn,
    DemographicColumn,
    FreeText,
    InstrumentColumns,
    LanguageColumn,
    Missing,
    Reading,
    SurveyItem,
    Weights,
)
from schemas.record import Record

PAGE = (Path(__file__).parents[3] / "docs" / "codebook.md").read_text(encoding="utf-8")
PARTS = (
    Codebook,
    Consent,
    CountryColumn,
    DemographicColumn,
    FreeText,
    InstrumentColumns,
    LanguageColumn,
    Reading,
    SurveyItem,
    Weights,
)


def example() -> Codebook:
    found = re.search(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    assert found is not None
    return parse_config(parse_yaml(found[1], "docs/codebook.md"), "docs/codebook.md", Codebook)


def test_the_example_is_a_codebook_of_its_framework() -> None:
    codebook = example()
    instrument = load_framework(codebook.framework).instrument
    assert instrument is not None
    assert codebook.instrument is not None
    assert len(codebook.instrument.columns) == len(instrument.items)
    assert codebook.weights.within() == ("design", "post_stratification")


def test_the_example_reads_the_columns_that_it_shows() -> None:
    header = re.search(r"^(hh;.*)$", PAGE, flags=re.MULTILINE)
    assert header is not None
    shown = set(header[1].replace(" ... ", ";").split(";")) | {f"m{number}" for number in range(1, 37)}
    codebook = example()
    assert codebook.instrument is not None
    assert codebook.consent is not None
    assert codebook.language_column is not None
    named = {*codebook.id_columns, *codebook.instrument.columns, *codebook.weights.columns().values()}
    named |= {one.column for one in codebook.demographics}
    named |= {codebook.consent.column, codebook.language_column.column, str(codebook.psu), str(codebook.stratum)}
    assert named - shown == set()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_key_is_told(part: type[Record]) -> None:
    table = PAGE.split("## Every key")[1]
    assert [key for key in part.model_fields if f"`{key}`" not in table] == []


def test_every_kind_of_missing_is_told() -> None:
    assert [kind.value for kind in Missing if f"`{kind.value}`" not in PAGE] == []
