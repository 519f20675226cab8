"""Which codes are answers: by declaration, by label, by a gap."""

import pytest

from builder.survey.draft.codes import codes_of
from schemas.codebook import Missing
from tests.builder.survey.draft.made import column


def kinds(cells: list[object], labels: dict[str, str] | None = None, declared: frozenset[str] = frozenset()) -> object:
    codes = codes_of([column("q", cells, labels=labels or {}, missing=declared)])  # type: ignore[arg-type]
    return list(codes.answers), {code: one.kind.value for code, one in codes.missing.items()}


@pytest.mark.parametrize(
    ("cells", "answers", "missing"),
    [
        ([1, 2, 3, 4, 5, 9], ["1", "2", "3", "4", "5"], {"9": "unspecified"}),
        ([1, 2, 3, 4, 8, 9], ["1", "2", "3", "4"], {"8": "unspecified", "9": "unspecified"}),
        ([1, 2, 3, 4, 77, 88, 99], ["1", "2", "3", "4"], dict.fromkeys(("77", "88", "99"), "unspecified")),
        ([-2, -1, 1, 2, 3], ["1", "2", "3"], {"-2": "unspecified", "-1": "unspecified"}),
        ([-3, -2, -1, 0, 1, 2, 3], ["-3", "-2", "-1", "0", "1", "2", "3"], {}),  # a scale with two sides
        (list(range(11)), [str(number) for number in range(11)], {}),  # 7, 8, 9 without a gap are answers
        ([1, 2, 3, 10], ["1", "2", "3", "10"], {}),  # 10 is no usual code
        ([0, 50, 99], ["0", "50", "99"], {}),  # no scale: a slider
        ([1, 2, 3, "NA", "NA", "NA"] * 5, None, None),
    ],
)
def test_codes_without_labels(cells: list[object], answers: list[str] | None, missing: dict[str, str] | None) -> None:
    if answers is None:
        assert kinds([*[1, 2, 3] * 20, "NA"]) == (["1", "2", "3"], {"NA": "unspecified"})
    else:
        assert kinds(cells) == (answers, missing)


def test_labels_go_before_gaps_and_a_declaration_before_both() -> None:
    labels = {"1": "Never", "5": "Always", "6": "Refused", "7": "Don't know"}
    assert kinds([1, 2, 3], labels) == (["1", "2", "3", "5"], {"6": "refused", "7": "dont_know"})
    assert kinds([1, 2, 3, 5], {}, frozenset({"5"})) == (["1", "2", "3"], {"5": "unspecified"})
    assert kinds([], {"1": "No", "2": "Yes", ".a": "Refused"}) == (["1", "2"], {".a": "refused"})


def test_not_sure_between_two_answers_is_an_answer() -> None:
    labels = {"1": "Disagree", "2": "Not sure", "3": "Agree", "8": "Not sure"}
    assert kinds([1, 2, 3], labels) == (["1", "2", "3"], {"8": "dont_know"})


def test_words_among_numbers_are_missing_where_many_have_them_and_never_shown_where_few_do() -> None:
    answers, missing = kinds([*[1, 2, 3, 4, 5] * 20, "skip", "skip", "skip", "my name is Otieno"])
    assert answers == ["1", "2", "3", "4", "5"]
    assert missing == {"skip": "unspecified"}


def test_cells_of_words_tell_their_kind_but_long_ones_are_somebodys_own() -> None:
    told = "I would rather not say, as Otieno my neighbour knows me"
    answers, missing = kinds(["Yes", "No", "Prefer not to say", told])
    assert "Prefer not to say" in missing
    assert missing["Prefer not to say"] == Missing.REFUSED
    assert len(missing) == 1
    assert len(answers) == 3


def test_columns_that_share_their_answers_are_seen_together() -> None:
    """Nobody chose 6 in the first: alone, 7 would look like a code parted by a gap."""
    first, second = column("a", [1, 2, 3, 4, 5, 7]), column("b", [1, 2, 6, 7])
    assert list(codes_of([first]).missing) == ["7"]
    codes = codes_of([first, second])
    assert (codes.low, codes.high, dict(codes.missing)) == (1, 7, {})
