"""Rows for training: what is chosen, what is left out, and what may not come in."""

import pytest

from eval.training.rows import Preference, as_dpo, as_sft, fitting, preference
from schemas.errors import Defect, InputError
from schemas.values import Domain, Split
from tests.eval.made import made_pair
from tests.eval.training.made_rows import asks, made_rows

ROWS = made_rows([("say", "yes", "no"), ("say day", "yes please", "no"), ("say night", "yes", "no no no please")])


def words(row: Preference) -> int:
    """The prompt's words and those of the longer answer: 2, 4 and 6 for `ROWS`."""
    return len(row.messages[0].content.split()) + max(len(row.chosen.split()), len(row.rejected.split()))


def test_each_half_of_a_pair_chooses_what_the_other_rejects() -> None:
    first, second = (preference(case.instance, case.question, asks("say")) for case in made_pair(1, split=Split.TRAIN))
    assert (first.chosen, first.rejected) == (second.rejected, second.chosen)
    assert first.chosen != first.rejected


def test_the_expected_answer_is_chosen() -> None:
    for case in made_pair(1, split=Split.TRAIN):
        row = preference(case.instance, case.question, asks("say"))
        assert (row.chosen, row.rejected) == (case.expected.text, case.other.text)


@pytest.mark.parametrize("change", [{"split": Split.TEST}, {"split": Split.VALIDATION}, {"domain": Domain.OUT}])
def test_nothing_but_in_domain_training_instances_is_trained_on(change: dict[str, object]) -> None:
    case = made_pair(1, split=Split.TRAIN)[0]
    with pytest.raises(Defect, match="split train, domain in"):
        preference(case.instance.model_copy(update=change), case.question, asks("say"))


def test_rows_that_are_too_long_are_left_out_and_said_never_cut() -> None:
    kept, dropped = fitting(ROWS, words, 4)
    assert kept == ROWS[:2]
    assert [(row.subject, row.reason, row.detail) for row in dropped] == [("i-2", "too-long", "6 tokens, at most 4")]


def test_a_row_that_just_fits_is_kept() -> None:
    assert fitting(ROWS, words, 6) == (ROWS, [])


def test_no_row_that_fits_is_bad_input() -> None:
    with pytest.raises(InputError, match="3 rows, 3 of them longer than 1 tokens") as caught:
        fitting(ROWS, words, 1)
    assert caught.value.report.code == "no-training-rows"


def test_trl_gets_conversations() -> None:
    prompt = [{"role": "user", "content": "say day"}]
    chosen = [{"role": "assistant", "content": "yes please"}]
    rejected = [{"role": "assistant", "content": "no"}]
    assert as_sft(ROWS[1:2]) == [{"prompt": prompt, "completion": chosen}]
    assert as_dpo(ROWS[1:2]) == [{"prompt": prompt, "chosen": chosen, "rejected": rejected}]
