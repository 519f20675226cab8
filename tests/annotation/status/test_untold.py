"""Whatever part of the answers is in: no alpha, nor what leads to it, in the record, the drawing or the page."""

import json
import re
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotation.status.measure import measure
from annotation.status.page import page
from annotation.status.words import in_lines
from schemas.agreement import AgreementReport
from schemas.annotation import Purpose
from tests.annotation.status.made import NOW, answer, seen, tasks

SLOTS = ("KE-sw-person-1", "KE-sw-person-2", "KE-sw-person-3", "KE-sw-item-1")
ASSIGNED = [one for slot in SLOTS for one in tasks(slot, 4, repeat=1)]
RATED = [one for one in ASSIGNED if one.purpose is Purpose.RATED]
FORBIDDEN = {"alpha", "with_expected", "percent_agreement"}


def _never() -> AgreementReport:
    raise AssertionError("agreement was measured before the sample was in")


def _told(value: Any) -> Iterator[Any]:
    """Every value of agreement in a JSON object, however deep."""
    if isinstance(value, list):
        for one in value:
            yield from _told(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name in FORBIDDEN:
                yield one
            yield from _told(one)


@given(
    answered=st.lists(st.booleans(), min_size=len(ASSIGNED), max_size=len(ASSIGNED)),
    votes=st.lists(st.sampled_from(["a-1", "a-2", "both"]), min_size=len(ASSIGNED), max_size=len(ASSIGNED)),
    missing=st.integers(0, len(RATED) - 1),
)
def test_nothing_of_agreement_is_told_of_a_part(answered: list[bool], votes: list[str], missing: int) -> None:
    rows = [
        answer(one, vote=vote)
        for one, there, vote in zip(ASSIGNED, answered, votes, strict=True)
        if there and one is not RATED[missing]
    ]
    progress = measure(seen(ASSIGNED, rows, agree=_never), NOW)
    found = list(_told(json.loads(progress.model_dump_json())))
    assert len(found) == 3
    for one in found:
        assert one["value"] is None
        assert one.get("low") is None
        assert one["undefined"].startswith("not told: the declared sample is not in (")
    assert progress.agreement.by_country == ()
    for text in ("\n".join(in_lines(progress, 100)), page(progress)):
        assert "the declared sample is not in" in text.lower()
        assert not re.search(r"alpha\s+\(?-?[0-9.]", text, re.IGNORECASE)
        assert not re.search(r"confirmed|contested", text.replace("counts of confirmed and contested instances", ""))


def test_the_whole_is_told_in_all_three() -> None:
    """The test above could not fail if nothing was ever told."""
    progress = measure(seen(ASSIGNED, [answer(one) for one in RATED]), NOW)
    assert [one["value"] for one in _told(json.loads(progress.model_dump_json()))] == 2 * [0.4321, 0.71, 0.9]
    for text in ("\n".join(in_lines(progress, 100)), page(progress)):
        assert re.search(r"alpha\s+\(?-?[0-9.]", text, re.IGNORECASE)
        assert "0.43 [0.35, 0.52]" in text
