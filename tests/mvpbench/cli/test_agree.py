"""`mvpbench agree`: the contract of its JSON, its table, and wrong use."""

import json
from pathlib import Path

import pytest

from tests.mvpbench.cli.conftest import failure, run_command

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples" / "agreement"
RATINGS = ("agree", "--ratings", EXAMPLES / "ratings.csv", "--unit", "text", "--rater", "person", "--value", "label")


def test_the_json_keeps_its_contract() -> None:
    done = run_command(
        *RATINGS, "--by", "topic", "--by", "topic,country", "--rater-group", "country", "--width", "0.2", "--json"
    )
    assert done.returncode == 0
    result = json.loads(done.stdout)["result"]
    assert set(result) == {"overall", "by", "rater_groups", "needed", "sample"}
    cell = {"alpha", "level", "percent_agreement", "units", "raters", "pairable", "coefficients", "expected"}
    assert set(result["overall"]) == cell
    assert all(set(one) == cell | {"key"} for one in result["by"])
    assert set(result["overall"]["alpha"]) == {"value", "low", "high", "undefined"}
    assert set(result["overall"]["coefficients"]) == {"gwet_ac1", "cohen_kappa", "fleiss_kappa"}
    assert [one["key"] for one in result["by"]][:4] == [
        {"topic": "family"},
        {"topic": "money"},
        {"topic": "work"},
        {"topic": "family", "country": "BR"},
    ]
    assert result["sample"] is None
    assert set(result["needed"]) == {"width", "found", "units", "raters"}
    (groups,) = result["rater_groups"]
    assert (groups["name"], [one["key"] for one in groups["groups"]]) == (
        "country",
        [{"country": "BR"}, {"country": "KE"}],
    )


def test_an_export_needs_no_more_than_its_control() -> None:
    done = run_command("agree", "--ratings", EXAMPLES / "export.json", "--value", "label", "--json")
    printed = json.loads(done.stdout)
    assert printed["dropped"] == {"skipped": 1, "earlier answer of the same rater": 1}
    assert printed["result"]["overall"]["units"] == 10


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("agree", "--ratings", EXAMPLES / "ratings.csv", "--unit", "text"), "columns-needed"),
        (("agree", "--ratings", EXAMPLES / "export.json"), "columns-needed"),
        ((*RATINGS, "--level", "cardinal"), "level-unknown"),
        ((*RATINGS, "--by", "topic,town"), "column-missing"),
        ((*RATINGS, "--width", "3"), "width-impossible"),
        ((*RATINGS, "--rater-group", "topic"), "rater-in-two-groups"),
        ((*RATINGS, "--level", "ordinal"), "not-a-number"),
        (("agree", "--ratings", "none.parquet", "--unit", "a", "--rater", "b", "--value", "c"), "file-missing"),
    ],
)
def test_wrong_use_and_bad_input_exit_2_with_one_message(arguments: tuple[str | Path, ...], code: str) -> None:
    done = run_command(*arguments, "--json")
    assert done.returncode == 2
    assert failure(done)["code"] == code
