"""Whether the declared sample is in, and what of agreement is told.

Looking again and again until agreement passes a gate raises false passes from .02 to .15. So before the declared sample
is in nothing is told from which one could see where agreement will come out: no alpha, no percent agreement, no
agreement with the expected answers, and no counts of confirmed or contested instances either, which are agreement with
the expected answers under another name (their share and alpha rise and fall together). What is told meanwhile helps the
work and bears on no gate: how much is answered, each rater's own checks, tasks given up, defects of texts.
"""

from annotation.status.seen import Agreed, Counted, Seen
from builder.survey.countries import country_name
from schemas.agreement import Agreement, Estimate
from schemas.annotation import Purpose
from schemas.progress import AgreementGate, AgreementSoFar, CountryAgreement, SampleProgress
from schemas.reliability import Coefficient
from schemas.study import ReleaseSection


def sample_progress(seen: Seen, counted: Counted) -> SampleProgress:
    """Return how much of the latest declaration is answered, and whether that is all of it."""
    rated = {one.uid for one in seen.assigned if one.purpose is Purpose.RATED}
    answered = len(rated & ({one.uid for one in counted.annotations} | {one.uid for one in counted.items}))
    latest = seen.declarations[-1] if seen.declarations else None
    declared = latest.person_ratings + latest.item_ratings if latest else 0
    untold = None
    if not declared:
        untold = "not told: no sample was declared"
    elif len(rated) != declared:
        untold = f"not told: {declared:,} ratings are declared and {len(rated):,} given out; push again"
    elif answered < declared:
        untold = f"not told before the declared sample is in ({answered:,} of {declared:,} ratings)"
    return SampleProgress(
        declarations=tuple(seen.declarations),
        declared=declared,
        answered=answered,
        is_in=untold is None,
        untold=untold,
    )


def agreement_so_far(sample: SampleProgress, seen: Seen) -> AgreementSoFar:
    """Return agreement, which is not so much as measured before the sample is in."""
    expected = _expected(seen.gate)
    if sample.untold is not None:
        nothing = Estimate(value=None, low=None, high=None, undefined=sample.untold)
        gate = AgreementGate(outcome="not_measured", found=sample.untold, expected=expected)
        none = Coefficient(value=None, undefined=sample.untold)
        return AgreementSoFar(alpha=nothing, percent_agreement=none, with_expected=nothing, gate=gate)
    agreed = seen.agree()
    cells = [(cell.key["country"], cell) for cell in agreed.report.by if set(cell.key) == {"country"}]
    return AgreementSoFar(
        alpha=agreed.report.overall.alpha,
        percent_agreement=_percent(agreed.report.overall),
        with_expected=agreed.with_expected[None],
        by_country=tuple(
            CountryAgreement(
                country=country,
                name=country_name(country),
                alpha=cell.alpha,
                percent_agreement=_percent(cell),
                with_expected=agreed.with_expected[country],
                units=cell.units,
                raters=cell.raters,
            )
            for country, cell in sorted(cells, key=lambda one: country_name(one[0]))
        ),
        gate=_gate(agreed, seen.gate, expected),
    )


def _expected(section: ReleaseSection) -> str:
    return f"alpha of at least {section.min_alpha:.2f} (lower bound) on {section.min_units:,} units rated twice"


def _gate(agreed: Agreed, section: ReleaseSection, expected: str) -> AgreementGate:
    """As the release's own gate, which is reckoned on what is released."""
    alpha = agreed.report.overall.alpha
    if alpha.value is None or alpha.low is None or alpha.high is None:
        found = f"alpha undefined: {alpha.undefined or 'no reason given'}"
        return AgreementGate(outcome="not_measured", found=found, expected=expected)
    found = f"alpha {alpha.value:.2f} [{alpha.low:.2f}, {alpha.high:.2f}] on {agreed.units:,} units"
    if agreed.units < section.min_units:
        return AgreementGate(outcome="not_measured", found=found, expected=expected)
    passed = alpha.low >= section.min_alpha
    return AgreementGate(outcome="passed" if passed else "failed", found=found, expected=expected)


def _percent(one: Agreement) -> Coefficient:
    reason = "no unit has two ratings" if one.percent_agreement is None else None
    return Coefficient(value=one.percent_agreement, undefined=reason)
