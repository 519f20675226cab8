"""The card: computed, loadable as YAML, and deaf to what people and models write in it."""

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mvpbench.store.study import Study
from release.build import build_release
from release.candidate import add_validation
from release.versions import candidate_path
from schemas.annotation import AnnotatorKind
from schemas.markdown import escape
from tests.builder.countries.made import KENYA
from tests.release.made import CLOCK, Made, declare_more, made_result, made_sample, made_study, silent, write_ratings

pytestmark = pytest.mark.slow

HOSTILE = "\n\n# Head\n<script>alert(1)</script> | [a](javascript:x) ![b](http://x/y.png) {{ 7 * 7 }} https://x.org `"
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def leaves(tokens: list[Token]) -> list[Token]:
    return [leaf for token in tokens for leaf in (token.children or [token])]


def shown(text: str) -> str:
    return "".join(leaf.content for leaf in leaves(PARSER.parse(text)) if leaf.type == "text")


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs"))))
@example("# a")
@example("1. a")
@example("- a")
@example("=== ")
@example("a | b \\| c")
@example("&lt; &#35;")
@example("[a]: http://x")
@example("~~~ x ~~y~~ **z** __q__")
def test_any_text_is_shown_as_it_is(text: str) -> None:
    escaped = escape(text)
    assert {leaf.type for leaf in leaves(PARSER.parse(escaped))} <= {"paragraph_open", "text", "paragraph_close"}
    assert shown(escaped) == " ".join(text.split())


@given(st.text())
def test_any_text_stays_in_its_table_cell(text: str) -> None:
    tokens = PARSER.parse(f"| a | b |\n|---|---|\n| {escape(text)} | end |\n")
    assert sum(token.type == "td_open" for token in tokens) == 2
    assert tokens[-1].type == "table_close"


def test_bare_addresses_are_not_made_links_by_githubs_dialect() -> None:
    # GFM 6.9: a bare link begins with http://, https://, www., mailto: or xmpp:, or is an address with @.
    for text in ("https://x.org", "WWW.x.org", "mailto:a@x.org", "xmpp:a", "a@x.org"):
        assert not re.search(r"(?i)https?://|www\.|mailto:|xmpp:|(?<!\\)@", escape(text))


def test_characters_that_turn_the_direction_are_left_out_and_joiners_kept() -> None:
    assert escape("a\u202eb\u200bc\x07d") == "abcd"
    assert escape("\u0645\u06cc\u200c\u0631\u0648\u0645") == "\u0645\u06cc\u200c\u0631\u0648\u0645"


def card(root: Path, made: Made) -> tuple[dict[str, object], str]:
    study = made_study(root, made)
    build_release(study, "1.0.0", silent, CLOCK)
    groups = {0.1: {"country": "KE"}, 0.6: {"label": "confirmed"}, 0.3: {"label": "drop"}}
    add_validation(study, "1.0.0", [made_result(), *(made_result(*one) for one in groups.items())], {})
    build_release(study, "1.0.0", silent, CLOCK)
    text = (candidate_path(study, "1.0.0") / "README.md").read_text(encoding="utf-8")
    _, front, body = text.split("---\n", 2)
    return yaml.safe_load(front), body


def test_hostile_texts_stay_text(tmp_path: Path) -> None:
    front, body = card(tmp_path, Made(text=HOSTILE))
    clean_front, clean_body = card(tmp_path / "clean", Made())
    kinds = [token.type for token in leaves(PARSER.parse(body)) if token.type != "text"]
    assert kinds == [token.type for token in leaves(PARSER.parse(clean_body)) if token.type != "text"]
    assert front == clean_front
    assert "{{ 7 * 7 }}" in shown(body)


def test_the_front_matter_lists_the_files(tmp_path: Path) -> None:
    front, _ = card(tmp_path, Made())
    assert front["license"] == "cc-by-4.0"
    assert front["language"] == ["en"]
    assert front["configs"] == [
        {
            "config_name": config,
            **({"default": True} if config == "instances" else {}),
            "data_files": [{"split": split, "path": f"data/{config}/{split}.parquet"} for split in ("train", "test")],
        }
        for config in ("instances", "profiles")
    ]


def test_the_card_counts(tmp_path: Path) -> None:
    _, body = card(tmp_path, Made(research=True))
    # Four pairs, every other one in Japan, and one Kenyan without a counterpart; pair 3 is in train.
    assert "| Kenya (fewer than 30) | 5 | 2 | 5 | 4 | 4 | in |" in body
    assert "| Japan (fewer than 30) | 4 | 2 | 4 | 4 | 4 | out |" in body
    assert "| train | out | 2 | 1 | 2 |" in body
    assert "| openai: made-up-model | 9 |" in body
    assert "| respondents | no-country | 1 |" in body
    assert "| human | 3 | 24 |" in body
    # Eight instances with expected sides half and half, three raters, one `both` instead of `one`: of 24 ratings 12 are
    # for the other side, 11 for the one. alpha = 1 - 23 * 1 / (12 * 11 + 12 + 11), agreement (7 + 1 / 3) / 8.
    assert r"| all | 0.852 \[0.5" in body
    assert r"\] | 0.917 | 8 | 3 | 24 |" in body
    assert r"| high side | 0.520 \[0.400, 0.640\] | 4 |" in body
    told = [line for line in body.split("## Models on it")[1].split("##")[0].split("\n") if "made-up-model" in line]
    assert told == [
        rf"| made-up-model | base | use | full | pair accuracy | {over} | {value} | 6 | 6 |"
        for over, value in (
            ("confirmed pairs", r"0.600 \[0.500, 0.700\]"),
            ("all pairs asked", r"0.750 \[0.650, 0.850\]"),
        )
    ]


def test_the_card_says_when_the_sample_was_declared_and_what_of_it_was_waived(tmp_path: Path) -> None:
    study = made_study(tmp_path, Made(research=True))
    build_release(study, "1.0.0", silent, CLOCK)
    path = candidate_path(study, "1.0.0") / "README.md"
    once = path.read_text(encoding="utf-8")
    day = made_sample(study)[0].declared_at[:10]
    assert f"before its tasks were sent: sample declared once, on {day}." in once.replace("\\", "")
    assert f"| {day} | 8 | 24 | 0 | 0 |" in once.replace("\\", "")
    assert "is not in" not in once
    declare_more(study, HOSTILE)
    build_release(study, "1.0.0", silent, CLOCK)
    waived = path.read_text(encoding="utf-8")
    assert f"sample declared 2 times, first on {day}, last on {day}; 1 of 25 declared ratings waived" in waived.replace(
        "\\", ""
    )
    assert f"| {day} | 8 | 25 | 0 | 1 |" in waived.replace("\\", "")
    assert HOSTILE not in waived
    assert declared_in_gates(study).startswith("alpha 0.85 ")
    assert "sample declared 2 times" in declared_in_gates(study)


def declared_in_gates(study: Study) -> str:
    text = (candidate_path(study, "1.0.0") / "gates.json").read_text(encoding="utf-8")
    found = {gate["name"]: gate["found"] for gate in json.loads(text)["gates"]}["agreement"]
    assert isinstance(found, str)
    return found


def test_the_card_forbids_and_says_what_was_not_measured(tmp_path: Path) -> None:
    _, body = card(tmp_path, Made(redistribute=False))
    assert "Do not predict, infer or guess anything about an individual from demographics" in body
    assert "Agreement: not measured." in body
    assert "The people in it are made up" in body
    assert "kept back" in body


def test_the_card_says_who_reviewed(tmp_path: Path) -> None:
    by = "is what {} said of the expected answer".format
    people = card(tmp_path / "people", Made(research=True))[1]
    assert by("people") in people
    assert "Reviewed and confirmed: by" not in people
    study = made_study(tmp_path / "simulated")
    write_ratings(study, Made(), AnnotatorKind.SIMULATED)
    build_release(study, "1.0.0", silent, CLOCK)
    text = (candidate_path(study, "1.0.0") / "README.md").read_text(encoding="utf-8")
    assert by("simulated raters") in text
    assert "Reviewed and confirmed: by simulated raters." in text


def test_the_citation_is_yaml_with_what_the_format_asks_for(tmp_path: Path) -> None:
    study = made_study(tmp_path, Made(text=HOSTILE))
    build_release(study, "1.0.0", silent, CLOCK)
    found = yaml.safe_load((candidate_path(study, "1.0.0") / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(found)
    assert (found["version"], found["date-released"], found["license"]) == ("1.0.0", "2026-03-01", "CC-BY-4.0")


def test_the_card_says_what_the_studys_own_packs_say_of_their_countries(tmp_path: Path) -> None:
    """Of countries in the release alone, as text; a built-in pack speaks of another survey and is not asked."""
    study = made_study(tmp_path)
    note = "Asked in two towns.\n\nWho lives elsewhere <b>is missing</b>."
    for code in ("KE", "PE"):
        file = study.root / "countries" / code / "country.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(yaml.safe_dump(KENYA | {"code": code, "card": note, "generalise": {}}))
    build_release(study, "1.0.0", silent, CLOCK)
    text = (candidate_path(study, "1.0.0") / "README.md").read_text(encoding="utf-8")
    assert "- **Kenya**: Asked in two towns. Who lives elsewhere \\<b\\>is missing\\</b\\>." in text
    assert "Peru" not in text
