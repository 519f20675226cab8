"""Numbers beside their nouns."""

from schemas.wording import plural


def test_one_is_singular_and_nothing_is_not() -> None:
    assert [plural(count, "answer") for count in (0, 1, 2, 1234)] == [
        "0 answers",
        "1 answer",
        "2 answers",
        "1,234 answers",
    ]


def test_a_plural_of_its_own() -> None:
    assert [plural(count, "batch", "batches") for count in (1, 2)] == ["1 batch", "2 batches"]
