"""The adjudicator's page: accepted by Label Studio's own library, stable codes, hostile words harmless."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from label_studio_sdk.label_interface import LabelInterface

from annotation.adjudication.interface import (
    REASONS,
    RULINGS,
    Decision,
    adjudication_page,
    adjudication_texts,
    read_decision,
)
from annotation.tasks.answers import MisfitError
from schemas.labels import AdjudicationTexts, Ruling, RulingReason
from tests.annotation.adjudication.said import decision

HOSTILE = """"><Choice value='x'/> & {{ 7 * 7 }} <script>alert(1)</script>"""
ENGLISH = adjudication_texts("en")
TREE = ElementTree.fromstring(adjudication_page(ENGLISH, "KE-sw-adjudication-1").config)  # noqa: S314 - ours


def test_label_studio_accepts_it_and_every_decision() -> None:
    interface = LabelInterface(adjudication_page(ENGLISH, "KE-sw-adjudication-1").config)
    interface.validate()
    assert len(ENGLISH.project_title.format(slot="TW-zh-Hant-adjudication-1")) <= 50  # the server takes no more
    for ruling in Ruling:
        for reason in RulingReason:
            assert interface.validate_annotation({"result": decision(ruling, reason)})
    assert not interface.validate_annotation({"result": decision("burn", "sound")})


def test_codes_are_stable_and_every_choice_has_its_own_key() -> None:
    codes = {
        group.get("name"): [choice.get("alias") for choice in group.iter("Choice")] for group in TREE.iter("Choices")
    }
    assert codes == {
        "ruling": ["keep", "repair", "drop"],
        "reason": [
            *("sound", "sides_reversed", "sides_unclear", "not_defensible", "implausible"),
            *("stereotype", "leak", "off_topic", "bad_language"),
        ],
    }
    hotkeys = [choice.get("hotkey") for choice in TREE.iter("Choice")]
    assert len(set(hotkeys)) == len(RULINGS) + len(REASONS) == 12


def test_texts_of_people_and_models_are_shown_as_they_stand() -> None:
    assert {one.get("value") for one in TREE.iter("Text")} == {
        *("$question", "$answer_a", "$answer_b", "$aspect", "$claim", "$said", "$comments")
    }
    assert all(one.get("valueType") == "text" for one in TREE.iter("Text"))
    assert not list(TREE.iter("HyperText"))


def test_words_of_a_language_file_are_escaped_and_not_executed(tmp_path: Path) -> None:
    texts = ENGLISH.model_dump(mode="json") | {"side": HOSTILE, "instruction": HOSTILE}
    (tmp_path / "xx.yaml").write_text(yaml.safe_dump(texts), encoding="utf-8")
    page = adjudication_page(adjudication_texts("xx", tmp_path), "KE-sw-adjudication-1")
    headers = [one.get("value") for one in ElementTree.fromstring(page.config).iter("Header")]  # noqa: S314
    assert HOSTILE in headers
    assert "<script>" not in page.instruction
    assert page.instruction.endswith('<p dir="ltr">Submit = ctrl+enter (Mac: command+enter)</p>')
    assert "{{ 7 * 7 }}" in page.instruction


def test_a_language_without_words_of_its_own_gets_english() -> None:
    assert adjudication_texts("sw-KE") == ENGLISH
    with pytest.raises(ValueError, match="every ruling and every reason"):
        AdjudicationTexts.model_validate(ENGLISH.model_dump() | {"rulings": {"keep": "Keep"}})
    with pytest.raises(ValueError, match=r"the blank \{slot\}, once"):
        AdjudicationTexts.model_validate(ENGLISH.model_dump() | {"project_title": "{slot.__class__}"})


def test_a_decision_is_read_as_it_was_meant() -> None:
    said = decision("drop", "leak", "names the town\n")
    assert read_decision(said) == Decision(ruling=Ruling.DROP, reason=RulingReason.LEAK, comment="names the town")


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ([], "no-answer"),
        (decision("drop", "leak")[:1], "no-answer"),
        (decision("burn", "leak"), "unknown-choice"),
        (decision("drop", "boring"), "unknown-choice"),
        (decision("drop", "leak") * 2, "control-twice"),
        ([{"from_name": "preference", "value": {"choices": ["A"]}}], "unknown-control"),
    ],
)
def test_what_the_page_could_not_have_made_is_refused(result: list[dict[str, object]], reason: str) -> None:
    with pytest.raises(MisfitError) as raised:
        read_decision(result)
    assert raised.value.reason == reason
