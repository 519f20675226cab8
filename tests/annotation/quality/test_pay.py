"""Hours from lead times, what is left out of them, and the least to be paid."""

from annotation.quality.pay import pay_due, pay_floor
from schemas.country import PayFloor

FLOOR = PayFloor(currency="KES", amount=500.0, as_of="2026-11", source="made up")


def test_hours_are_capped_a_task_and_times_that_are_missing_are_told() -> None:
    # 600 + 600 + 600 seconds are half an hour, at 500 an hour 250.
    found = pay_due([600.0, 601.0, 86_400.0, None], FLOOR)
    assert (found.hours, found.capped, found.untimed, found.least) == (0.5, 2, 1, 250.0)
    assert (found.currency, found.floor, found.as_of, found.source) == ("KES", 500.0, "2026-11", "made up")
    assert pay_due([], FLOOR).least == 0.0


def test_without_an_amount_there_is_no_number_and_a_reason() -> None:
    unknown = pay_due([60.0], PayFloor(currency="KES"))
    assert (unknown.least, unknown.currency, unknown.undefined) == (None, "KES", "nobody has looked it up")
    assert pay_due([60.0], None).undefined == "no country pack"
    assert pay_floor(None, None) is None
    assert pay_floor("ZZ", None) is None
    found = pay_floor("IN", None)
    assert found is not None
    assert found.currency == "INR"
