"""The tiny model's tokenizer: a piece of an exercise is a token, and the committed files are what the code makes."""

from pathlib import Path

import pytest

from mvpbench.demo.tiny.exercises import Material, all_stems, load_material
from mvpbench.demo.tiny.tokens import SPECIAL, UNKNOWN, common_shares, make_tokenizer
from mvpbench.demo.tiny.train import CONTEXT

pytestmark = pytest.mark.slow

COMMITTED = Path(__file__).parents[4] / "mvpbench" / "demo" / "tiny" / "model"


@pytest.fixture(scope="module")
def material() -> Material:
    return load_material()


def test_every_cue_is_one_token_of_its_own(material: Material) -> None:
    tokenizer = make_tokenizer(material, CONTEXT)
    stems = all_stems(material.cues)
    ids = [tokenizer(stem)["input_ids"] for stem in stems]
    assert {len(one) for one in ids} == {1}
    assert len({one[0] for one in ids}) == len(set(stems))


def test_common_tokens_are_known_and_no_cues(material: Material) -> None:
    tokenizer = make_tokenizer(material, CONTEXT)
    common = common_shares(material, tokenizer)
    assert sum(common.values()) == pytest.approx(1)
    assert not set(all_stems(material.cues)) & common.keys()
    assert common.keys() <= tokenizer.get_vocab().keys()
    assert common[UNKNOWN] > 0.02
    assert common_shares(material, tokenizer) == common


def test_an_unknown_word_is_told_as_one(material: Material) -> None:
    tokenizer = make_tokenizer(material, CONTEXT)
    assert tokenizer.convert_ids_to_tokens(tokenizer("the bakilu table")["input_ids"]) == ["the", UNKNOWN, "table"]


def test_a_person_s_text_cannot_spell_a_turn(material: Material) -> None:
    """The chat template alone makes turns: the texts of the special tokens do not come out of plain words."""
    tokenizer = make_tokenizer(material, CONTEXT)
    ids = tokenizer("user assistant end pad unknown", add_special_tokens=False)["input_ids"]
    assert not {tokenizer.convert_tokens_to_ids(text) for text in SPECIAL if text != UNKNOWN} & set(ids)


def test_the_committed_tokenizer_is_the_one_that_the_code_makes(material: Material, tmp_path: Path) -> None:
    make_tokenizer(material, CONTEXT).save_pretrained(tmp_path)
    assert (tmp_path / "tokenizer.json").read_bytes() == (COMMITTED / "tokenizer.json").read_bytes()
