"""`survey describe --html`: a survey file under its codebook, to a page."""

from pathlib import Path

from builder.frameworks import load_framework
from builder.overview.measure import measure
from builder.overview.page import render
from builder.survey import import_survey, read_codebook, recognise
from builder.survey.importing import SetAside
from mvpbench.page import require_page_name
from mvpbench.store.atomic import write_atomic
from schemas.overview import OverviewResult
from schemas.results import Outcome
from schemas.survey import CountryOf

MARKS = {"stop": "in the way: ", "good": "", "mind": "to know: "}


def overview_page(
    survey: Path, page: Path, codebook: Path | None = None, country_of: CountryOf = CountryOf.RESIDENCE
) -> Outcome[OverviewResult]:
    """Measure the survey and write the page; no study is needed, and none is touched.

    Args:
        survey: file or folder.
        page: where the HTML goes; a page that is there is replaced.
        codebook: None for the one beside the survey, else a built-in one that fits. A framework of its own is sought in
            its folder, as in a study's.
        country_of: which of a person's countries is meant.

    Raises:
        ConfigError: `page-ending` where `page` is no name of a page (it could be the survey); and as `read_codebook`,
            `load_framework` and `import_survey`.
        InputError: as `recognise` and `import_survey`, but for `too-many-bad-rows`, which the page tells.
        StudyError: the page cannot be written.
    """
    require_page_name(page)
    source = codebook if codebook is not None else recognise(survey)
    read = read_codebook(source)
    framework = load_framework(read.framework, source.parent)
    totals = SetAside()
    facts, people = import_survey(survey, read, framework, country_of, totals=totals)
    overview = measure(facts, people, framework, totals=totals)
    write_atomic(page, render(overview))
    return Outcome(
        result=OverviewResult(page=str(page), overview=overview),
        counts={
            "people": overview.people,
            "countries": len(overview.countries) + len(overview.hidden),
            "values": len(overview.scales),
            "people with somebody opposite": overview.pairable,
            "pairs at most": sum(overview.pairs.values()),
        },
        dropped=overview.set_aside,
        outputs=(str(page),),
        summary=tuple(MARKS[one.kind] + one.text for one in overview.findings),
    )
