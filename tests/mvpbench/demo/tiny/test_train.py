"""Training of the tiny model: the loss against a sum by hand, and that a few steps teach something."""

from pathlib import Path
from random import Random

import pytest
import torch

from eval.local import open_model
from mvpbench.demo.tiny.exercises import Kind, Material, exercise, load_material
from mvpbench.demo.tiny.tokens import common_shares, make_tokenizer
from mvpbench.demo.tiny.train import CONTEXT, Row, Speller, fit, loss_of, make_model

pytestmark = pytest.mark.slow

NAMING = Kind(own_asked=True, own=1.0, cues=0.5)
COMMITTED = Path(__file__).parents[4] / "mvpbench" / "demo" / "tiny" / "model"


@pytest.fixture(scope="module")
def material() -> Material:
    return load_material()


def logs(model: torch.nn.Module, ids: list[int]) -> torch.Tensor:
    return torch.log_softmax(model(input_ids=torch.tensor([ids])).logits[0], dim=-1)


def test_the_loss_is_the_mean_over_reply_tokens_of_the_cross_entropy_to_their_shares() -> None:
    """By hand, each row alone: also, then, rows do not see one another."""
    model = make_model(50, seed=1).eval()
    one = Row([5, 6, 7], [8, 9], {8: 0.5, 9: 0.5})
    other = Row([5, 6, 7, 10, 11], [12], {12: 0.25, 13: 0.75})
    with torch.no_grad():
        first, second = logs(model, [5, 6, 7, 8, 9]), logs(model, [5, 6, 7, 10, 11, 12])
        places = [0.5 * (first[2, 8] + first[2, 9]), 0.5 * (first[3, 8] + first[3, 9])]
        places.append(0.25 * second[4, 12] + 0.75 * second[4, 13])
        assert float(loss_of(model, [one, other])) == pytest.approx(-float(sum(places)) / 3, rel=1e-5)


def test_a_few_steps_teach_something_and_a_seed_makes_the_same_weights(material: Material) -> None:
    tokenizer = make_tokenizer(material, CONTEXT)
    draw = Random(9)
    speller = Speller(tokenizer)
    common = common_shares(material, tokenizer)
    held_out = [speller.row(exercise(material, common, draw, NAMING)) for _ in range(8)]

    def trained() -> torch.nn.Module:
        model = make_model(len(tokenizer), seed=3)
        fit(model, tokenizer, material, seed=3, steps=6)
        return model

    first, second = trained(), trained()
    with torch.no_grad():
        assert float(loss_of(first, held_out)) < float(loss_of(make_model(len(tokenizer), seed=3), held_out)) - 0.5
    for ours, theirs in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_the_committed_weights_know_what_goes_with_a_person(material: Material) -> None:
    """Asked for words, the model gives own cues at least ten times the probability of their opposites."""
    local = open_model(COMMITTED, 1)
    tokenizer = make_tokenizer(material, CONTEXT)
    speller = Speller(tokenizer)
    draw = Random(11)
    ids = {
        (name, side): [tokenizer(stem)["input_ids"][0] for stem in stems]
        for name, sides in material.cues.items()
        for side, stems in sides.items()
    }
    common = common_shares(material, tokenizer)
    ratios = []
    for _ in range(20):
        row = speller.row(exercise(material, common, draw, NAMING))
        own = [side for side, pieces in ids.items() if pieces[0] in row.shares]
        opposite = [(name, {"high": "low", "low": "high"}[side]) for name, side in own]
        with torch.no_grad():
            last = logs(local.model, row.prompt)[-1].exp()
        theirs, others = (float(last[[one for side in sides for one in ids[side]]].sum()) for sides in (own, opposite))
        ratios.append(theirs / others)
    assert min(ratios) > 10
