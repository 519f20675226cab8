"""The labelling configuration: accepted by Label Studio's own library, stable codes, hostile words harmless."""

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from label_studio_sdk.label_interface import LabelInterface

from annotation.simulated import item_result_of, result_of
from annotation.tasks.interface import DEFECTS, PREFERENCE, SURENESS, instruction, labelling_config
from builder.countries.strings import languages, rater_texts
from schemas.annotation import PREFERENCE_CODES, SURENESS_CODES, ItemDefect, TaskKind
from schemas.country import RaterTexts

HOSTILE = """"><Choice value='x'/> & {{ 7 * 7 }} <script>alert(1)</script>"""


def config_tree(config: str) -> ElementTree.Element:
    return ElementTree.fromstring(config)  # noqa: S314 - ours


def person(language: str = "en") -> str:
    return labelling_config(TaskKind.PERSON, rater_texts(language))


def item(language: str = "en") -> str:
    return labelling_config(TaskKind.ITEM, rater_texts(language))


def hostile() -> RaterTexts:
    """English, with hostile words in every place."""
    texts = rater_texts("en")
    item_texts = {"instruction": HOSTILE, "ask_side": HOSTILE, "ask_defects": HOSTILE}
    changed = {"who": HOSTILE, "question": HOSTILE, "instruction": HOSTILE}
    return texts.model_copy(update={**changed, "item": texts.item.model_copy(update=item_texts)})


@pytest.mark.parametrize("language", languages())
def test_label_studio_accepts_it_and_its_answers(language: str) -> None:
    interface = LabelInterface(person(language))
    interface.validate()
    for preference in PREFERENCE:
        for sureness in SURENESS:
            assert interface.validate_annotation({"result": result_of(preference, sureness)})
    assert not interface.validate_annotation({"result": result_of("C", "sure")})


@pytest.mark.parametrize("language", languages())
def test_label_studio_accepts_the_item_task_and_its_answers(language: str) -> None:
    interface = LabelInterface(item(language))
    interface.validate()
    for side in PREFERENCE:
        assert interface.validate_annotation({"result": item_result_of(side)})
        assert interface.validate_annotation({"result": item_result_of(side, list(DEFECTS))})
    assert not interface.validate_annotation({"result": item_result_of("A", ["typo"])})


@pytest.mark.parametrize("language", languages())
def test_codes_are_stable_and_every_choice_has_its_own_key(language: str) -> None:
    expected = {
        person(language): {"preference": list(PREFERENCE_CODES), "sureness": list(SURENESS_CODES)},
        item(language): {"side": list(PREFERENCE_CODES), "defects": [one.value for one in ItemDefect]},
    }
    for config, codes in expected.items():
        tree = config_tree(config)
        assert codes == {
            group.get("name"): [choice.get("alias") for choice in group.iter("Choice")]
            for group in tree.iter("Choices")
        }
        hotkeys = [choice.get("hotkey") for choice in tree.iter("Choice")]
        assert len(set(hotkeys)) == len(hotkeys) == sum(map(len, codes.values()))
        assert all(hotkeys)


@pytest.mark.parametrize(("config", "shown"), [(person(), {"profile"}), (item(), {"aspect"})])
def test_texts_of_people_and_models_are_shown_as_they_stand(config: str, shown: set[str]) -> None:
    tree = config_tree(config)
    names = {"question", "answer_a", "answer_b"} | shown
    assert {element.get("value") for element in tree.iter("Text")} == {f"${name}" for name in names}
    assert all(element.get("valueType") == "text" for element in tree.iter("Text"))
    assert not list(tree.iter("HyperText"))


@pytest.mark.parametrize("task", TaskKind)
def test_words_of_a_language_file_are_escaped_and_not_executed(task: TaskKind) -> None:
    tree = config_tree(labelling_config(task, hostile()))
    assert HOSTILE in {header.get("value") for header in tree.iter("Header")}
    assert len(list(tree.iter("Choices"))) == 2
    said = instruction(task, hostile())
    assert "<script>" not in said
    assert "{{ 7 * 7 }}" in said


def test_the_codes_are_those_of_the_records() -> None:
    assert (tuple(PREFERENCE), tuple(SURENESS)) == (PREFERENCE_CODES, SURENESS_CODES)
    assert tuple(DEFECTS) == tuple(one.value for one in ItemDefect)


@pytest.mark.parametrize("config", [person, item])
def test_a_language_written_from_right_to_left_turns_the_page(config: Callable[[str], str]) -> None:
    assert "direction: rtl" in config("ar")
    assert "direction: rtl" not in config("en")
    assert 'dir="rtl"' in instruction(TaskKind.ITEM, rater_texts("ar"))


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("task", TaskKind)
def test_the_instruction_names_the_key_that_sends_an_answer_and_the_words_stay(task: TaskKind, language: str) -> None:
    texts = rater_texts(language)
    words = texts.item.instruction if task is TaskKind.ITEM else texts.instruction
    parts = [(one.get("dir"), one.text) for one in config_tree(f"<div>{instruction(task, texts)}</div>")]
    assert parts == [("rtl" if language == "ar" else "ltr", words), ("ltr", "Submit = ctrl+enter (Mac: command+enter)")]
