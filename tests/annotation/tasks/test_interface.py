"""The labelling configuration: accepted by Label Studio's own library, stable codes, hostile words harmless."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from label_studio_sdk.label_interface import LabelInterface

from annotation.interface import PREFERENCE, SURENESS, instruction, labelling_config
from annotation.simulated import result_of
from builder.countries.strings import languages, rater_texts
from schemas.annotation import PREFERENCE_CODES, SURENESS_CODES

HOSTILE = """"><Choice value='x'/> & {{ 7 * 7 }} <script>alert(1)</script>"""


def config_tree(config: str) -> ElementTree.Element:
    return ElementTree.fromstring(config)  # noqa: S314 - ours


def with_texts(folder: Path, **changed: object) -> Path:
    texts = rater_texts("en").model_dump(mode="json") | changed
    (folder / "xx.yaml").write_text(yaml.safe_dump(texts), encoding="utf-8")
    return folder


@pytest.mark.parametrize("language", languages())
def test_label_studio_accepts_it_and_its_answers(language: str) -> None:
    interface = LabelInterface(labelling_config(language))
    interface.validate()
    for preference in PREFERENCE:
        for sureness in SURENESS:
            assert interface.validate_annotation({"result": result_of(preference, sureness)})
    assert not interface.validate_annotation({"result": result_of("C", "sure")})


@pytest.mark.parametrize("language", languages())
def test_codes_are_stable_and_every_choice_has_its_own_key(language: str) -> None:
    tree = config_tree(labelling_config(language))
    codes = {
        group.get("name"): [choice.get("alias") for choice in group.iter("Choice")] for group in tree.iter("Choices")
    }
    assert codes == {
        "preference": ["A", "B", "both", "neither", "cannot_tell"],
        "sureness": ["sure", "fairly_sure", "guessing"],
    }
    hotkeys = [choice.get("hotkey") for choice in tree.iter("Choice")]
    assert len(set(hotkeys)) == len(hotkeys) == 8
    assert all(hotkeys)


def test_texts_of_people_and_models_are_shown_as_they_stand() -> None:
    tree = config_tree(labelling_config())
    assert {element.get("value") for element in tree.iter("Text")} == {
        "$profile",
        "$question",
        "$answer_a",
        "$answer_b",
    }
    assert all(element.get("valueType") == "text" for element in tree.iter("Text"))
    assert not list(tree.iter("HyperText"))


def test_words_of_a_language_file_are_escaped_and_not_executed(tmp_path: Path) -> None:
    folder = with_texts(tmp_path, who=HOSTILE, instruction=HOSTILE)
    tree = config_tree(labelling_config("xx", folder))
    assert next(tree.iter("Header")).get("value") == HOSTILE
    assert "<script>" not in instruction("xx", folder)
    assert "{{ 7 * 7 }}" in instruction("xx", folder)


def test_the_codes_are_those_of_the_records() -> None:
    assert (tuple(PREFERENCE), tuple(SURENESS)) == (PREFERENCE_CODES, SURENESS_CODES)


def test_a_language_written_from_right_to_left_turns_the_page() -> None:
    assert "direction: rtl" in labelling_config("ar")
    assert "direction: rtl" not in labelling_config("en")
