"""Numbers and names as the report says them, with no more digits than the interval bears."""

from schemas.evaluation import Ablation, EvalResult, ModelSpec, Stage

FINE = 0.01
"""Half width of an interval below which a percentage gets a decimal."""

STAGES = {Stage.BASE: "before tuning", Stage.SFT: "after SFT", Stage.DPO: "after DPO"}

SHOWN = {
    Ablation.FULL: "all values and demographics",
    Ablation.CONTEXT: "all but the values asked about",
    Ablation.DEMOGRAPHICS: "demographics and country",
    Ablation.COUNTRY: "country",
    Ablation.NONE: "nothing",
    Ablation.SHUFFLED: "a stranger's values and demographics",
}

BASELINES = {
    "majority": "always the more common side",
    "demographics": "demographics and country alone",
    "author": "recognising for whom the question was written",
}


def percent(result: EvalResult, *, signed: bool = False) -> str:
    """Return a share as `57 %`, a difference of shares as `+7 points`; a dash where undefined."""
    if result.value is None:
        return "–"
    number = _hundredths(result.value, result, signed=signed)
    return f"{number} points" if signed else f"{number} %"


def interval(result: EvalResult, *, signed: bool = False) -> str:
    """Return `52 to 61`, or an empty string where there is no interval."""
    if result.low is None or result.high is None:
        return ""
    low, high = (_hundredths(end, result, signed=signed) for end in (result.low, result.high))
    return f"{low} to {high}"


def nats(result: EvalResult) -> str:
    """Return a mean log-probability: two decimals, one where the interval is wider than a nat; a dash if undefined."""
    if result.value is None:
        return "–"
    wide = result.low is None or result.high is None or result.high - result.low > 1
    return _minus(f"{result.value:.1f}" if wide else f"{result.value:.2f}")


def model_name(spec: ModelSpec, *, alone: bool) -> str:
    """Return how the report calls a model: by its stage where several stages of one model are shown."""
    return spec.name if alone else STAGES[spec.stage]


def _hundredths(value: float, result: EvalResult, *, signed: bool) -> str:
    fine = result.low is not None and result.high is not None and 0 < (result.high - result.low) / 2 < FINE
    sign = "+" if signed else ""
    text = f"{100 * value:{sign}.1f}" if fine else f"{100 * value:{sign}.0f}"
    return _minus("0" if text in {"-0", "+0"} else text)


def _minus(text: str) -> str:
    return text.replace("-", "−")
