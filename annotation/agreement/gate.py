"""The gate of agreement: what a release asks for, held against what there is. Status tells it, a release obeys it."""

from mvpbench.page import seen
from schemas.agreement import Estimate
from schemas.annotation import SampleProgress
from schemas.progress import AgreementGate
from schemas.study import ReleaseSection


def agreement_gate(
    alpha: Estimate, units: int, sample: SampleProgress | None, section: ReleaseSection, raters: str = ""
) -> AgreementGate:
    """Return whether the lower end of alpha is high enough, on enough units that were rated twice.

    Not measured, whatever alpha is, where the latest declared sample is not in or nobody says whether it is (None):
    whoever stops when the number pleases passes by chance. Nor without an interval, nor on fewer units than asked for.
    `raters`, where given, are told beside the number.
    """
    expected = f"alpha of at least {section.min_alpha:.2f} (lower bound) on {section.min_units:,} units rated twice"
    if sample is None:
        lacking = "not said whether the declared sample is in"
        return AgreementGate(outcome="not_measured", found=lacking, expected=expected)
    if sample.lacking is not None:
        return AgreementGate(outcome="not_measured", found=sample.lacking, expected=expected)
    if alpha.value is None:
        found = f"alpha undefined: {alpha.undefined or 'no reason given'}"
        return AgreementGate(outcome="not_measured", found=found, expected=expected)
    if alpha.low is None or alpha.high is None:
        found = f"alpha {alpha.value:.2f}, {alpha.undefined or 'no interval'}"
        return AgreementGate(outcome="not_measured", found=found, expected=expected)
    found = f"alpha {alpha.value:.2f} [{alpha.low:.2f}, {alpha.high:.2f}] on {units:,} units"
    found += f", by {raters}" if raters else ""
    if units < section.min_units:
        return AgreementGate(outcome="not_measured", found=found, expected=expected)
    passed = alpha.low >= section.min_alpha
    return AgreementGate(outcome="passed" if passed else "failed", found=found, expected=expected)


def declared_in_words(sample: SampleProgress) -> list[str]:
    """Return how often and when the sample was declared, and what of it was waived and why; nothing without one."""
    if not sample.declarations:
        return []
    first, latest = sample.declarations[0], sample.declarations[-1]
    if first is latest:
        told = [f"sample declared once, on {first.declared_at[:10]}"]
    else:
        count, days = len(sample.declarations), (first.declared_at[:10], latest.declared_at[:10])
        told = [f"sample declared {count:,} times, first on {days[0]}, last on {days[1]}"]
    if sample.waived:
        told.append(f"{sample.waived:,} of {sample.declared:,} declared ratings waived: {seen(latest.reason)}")
    return told
