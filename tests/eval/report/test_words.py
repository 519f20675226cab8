"""Numbers carry no more digits than their intervals bear."""

import pytest

from eval.report.words import interval, nats, percent
from schemas.evaluation import Ablation, EvalResult, Stage


def result(value: float | None, low: float | None = None, high: float | None = None) -> EvalResult:
    return EvalResult(
        model="made-up",
        stage=Stage.BASE,
        headline=None,
        ablation=Ablation.FULL,
        metric="pair_accuracy",
        value=value,
        low=low,
        high=high,
        instances=2,
        respondents=2,
        components=1,
    )


@pytest.mark.parametrize(
    ("estimate", "share", "between"),
    [
        ((0.5731, 0.52, 0.63), "57 %", "52 to 63"),
        ((0.5731, 0.568, 0.578), "57.3 %", "56.8 to 57.8"),
        ((0.5, 0.5, 0.5), "50 %", "50 to 50"),
        ((0.5731, None, None), "57 %", ""),
        ((None, None, None), "–", ""),
    ],
)
def test_shares(estimate: tuple[float | None, float | None, float | None], share: str, between: str) -> None:
    assert percent(result(*estimate)) == share
    assert interval(result(*estimate)) == between


def test_differences_carry_a_sign_and_nothing_is_minus_zero() -> None:
    assert percent(result(0.12, 0.05, 0.19), signed=True) == "+12 points"
    assert interval(result(0.12, -0.05, 0.29), signed=True) == "−5 to +29"
    assert percent(result(-0.001, -0.2, 0.2), signed=True) == "0 points"


def test_nats() -> None:
    assert nats(result(-41.234, -41.5, -41.0)) == "−41.23"
    assert nats(result(-41.234, -50.0, -30.0)) == "−41.2"
    assert nats(result(None)) == "–"
