"""What of agreement is told, and when.

Looking again and again until agreement passes a gate raises false passes from .02 to .15. So before the declared sample
is in nothing is told from which one could see where agreement will come out: no alpha, no percent agreement, no
agreement with the expected answers, and no counts of confirmed or contested instances either, which are agreement with
the expected answers under another name (their share and alpha rise and fall together). What is told meanwhile helps the
work and bears on no gate: how much is answered, each rater's own checks, tasks given up, defects of texts.
"""

from collections import Counter

from annotation.agreement.gate import agreement_gate
from annotation.status.seen import Counted, Seen
from builder.survey.countries import country_name
from schemas.agreement import Agreement, Estimate
from schemas.annotation import SampleProgress
from schemas.progress import AgreementSoFar, CountryAgreement
from schemas.reliability import Coefficient


def agreement_so_far(sample: SampleProgress, seen: Seen, counted: Counted) -> AgreementSoFar:
    """Return agreement, which is not so much as measured before the sample is in."""
    if sample.lacking is not None:
        untold = f"not told: {sample.lacking}"
        nothing = Estimate(value=None, low=None, high=None, undefined=untold)
        gate = agreement_gate(nothing, 0, sample, seen.gate).model_copy(update={"found": untold})
        none = Coefficient(value=None, undefined=untold)
        return AgreementSoFar(alpha=nothing, percent_agreement=none, with_expected=nothing, gate=gate)
    report = seen.agree()
    cells = [(cell.key["country"], cell) for cell in report.by if set(cell.key) == {"country"}]
    ratings = Counter(one.instance_id for one in counted.annotations)
    return AgreementSoFar(
        alpha=report.overall.alpha,
        percent_agreement=_percent(report.overall),
        with_expected=_with_expected(report.overall),
        by_country=tuple(
            CountryAgreement(
                country=country,
                name=country_name(country),
                alpha=cell.alpha,
                percent_agreement=_percent(cell),
                with_expected=_with_expected(cell),
                units=cell.units,
                raters=cell.raters,
            )
            for country, cell in sorted(cells, key=lambda one: country_name(one[0]))
        ),
        gate=agreement_gate(report.overall.alpha, sum(count > 1 for count in ratings.values()), sample, seen.gate),
    )


def _with_expected(one: Agreement) -> Estimate:
    if one.expected is None:
        return Estimate(value=None, low=None, high=None, undefined="nothing is expected")
    return one.expected.of_answers


def _percent(one: Agreement) -> Coefficient:
    reason = "no unit has two ratings" if one.percent_agreement is None else None
    return Coefficient(value=one.percent_agreement, undefined=reason)
