"""`country pilot`: a few questions for one country, priced first, for people who know the country to read."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from builder.countries.packs import FoundPack, find_pack
from builder.countries.pages import render_page
from builder.generate import write_some
from builder.preview import spread
from builder.run import survey_of
from builder.writers import Order
from mvpbench.store.atomic import disk_errors, write_in_order
from mvpbench.store.stage import Produced
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import read_table
from schemas.errors import InputError
from schemas.questions import Question
from schemas.readiness import PilotResult
from schemas.results import Outcome
from schemas.study import WriterSection
from schemas.survey import Respondent

Say = Callable[[str], None]
FREE = "nothing"


def run_pilot(
    study: Study, code: str, count: int, say: Say, confirm: Callable[[str | None], None]
) -> Outcome[PilotResult]:
    """`country pilot`: have at most `count` questions written for the country's pairs and write them to reports/.

    The price is said first, then `confirm` is called with it, as `run_generate` does; calls are journaled, no table is
    touched, nothing is drawn. Raises InputError `country-without-pairs`; and as `find_pack` and `write_some` do.
    """
    found = find_pack(code, study.root)

    def priced(price: str | None) -> None:
        say(f"the pilot's price: {price or FREE}")
        confirm(price)

    orders, made = write_some(study, lambda every: _of_country(study, every, code, count), say, priced)
    result = _result(found, count, orders, made, study.config.generate.writer)
    page = render_page(
        "pilot.md.j2", result=result, name=found.name, questions=made.rows, synthetic=survey_of(study).synthetic
    )
    markdown, record = pilot_files(study, code)
    with locked(study):
        write_in_order({markdown: page, record: result.model_dump_json(indent=2) + "\n"})
    return Outcome(
        result=result,
        counts={"questions": result.questions} | {f"by {recipe}": n for recipe, n in result.by_recipe.items()},
        dropped=result.dropped,
        outputs=tuple(str(path.relative_to(study.root)) for path in (markdown, record)),
        summary=(f"{found.name}: have {markdown.name} read by people who know the country",),
        next_step=f"mvpbench country report {code}",
    )


def read_pilot(study: Study, code: str) -> PilotResult | None:
    """Return what the last pilot of the country had written; None where there was none, or its record is damaged."""
    path = pilot_files(study, code)[1]
    with disk_errors(path):
        text = path.read_bytes() if path.is_file() else None
    try:
        return PilotResult.model_validate_json(text) if text is not None else None
    except ValidationError:
        return None


def pilot_files(study: Study, code: str) -> tuple[Path, Path]:
    """Return where a pilot is written: the page for readers and its record."""
    return study.reports / f"pilot-{code}.md", study.reports / f"pilot-{code}.json"


def _of_country(study: Study, every: Sequence[Order], code: str, count: int) -> Sequence[Order]:
    of_country = [order for order in every if order.country == code]
    if of_country:
        return spread(of_country, count)
    people = sum(one.country == code for one in read_table(study.tables, "respondents", Respondent))
    raise InputError(
        "country-without-pairs",
        f"pilot for {code}",
        found=f"{people:,} people of {code} in the survey, and no pair among them",
        expected="people on both sides of a dimension, in one language and split",
        way_out=f"`mvpbench country check {code}` says what is missing; `mvpbench country list` who is there",
    )


def _result(
    found: FoundPack, count: int, orders: Sequence[Order], made: Produced[Question], writer: WriterSection
) -> PilotResult:
    return PilotResult(
        code=found.pack.code,
        asked=count,
        questions=len(made.rows),
        by_recipe=dict(sorted(Counter(question.recipe.value for question in made.rows).items())),
        dropped=dict(sorted(Counter(drop.reason for drop in made.dropped).items())),
        writer=f"{writer.kind} ({writer.model})" if writer.model else writer.kind,
        languages=tuple(sorted({order.language for order in orders})),
        overridden=() if found.built_in else tuple(sorted(found.pack.prompts)),
    )
