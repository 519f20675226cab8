"""`mvpbench agree`: agreement of a study's raters, or of any ratings file."""

from pathlib import Path
from typing import Annotated

import typer

from mvpbench.cli.frame import HERE, JsonOption, StudyOption, perform
from schemas.annotation import AgreementReport
from schemas.errors import ConfigError
from schemas.results import Outcome

RatingsOption = Annotated[Path | None, typer.Option("--ratings", metavar="FILE", help="A CSV or TSV of ratings.")]
UnitOption = Annotated[str | None, typer.Option("--unit", metavar="COL", help="Column of what was rated.")]
RaterOption = Annotated[str | None, typer.Option("--rater", metavar="COL", help="Column of who rated.")]
ValueOption = Annotated[str | None, typer.Option("--value", metavar="COL", help="Column of the rating.")]
LevelOption = Annotated[str, typer.Option("--level", help="nominal, ordinal, interval or ratio.")]
ByOption = Annotated[str | None, typer.Option("--by", metavar="COL", help="Also for each value of this column.")]
ClusterOption = Annotated[
    str | None, typer.Option("--cluster", metavar="COL", help="Units with the same value are resampled together.")
]


def agree(
    study: StudyOption = HERE,
    ratings: RatingsOption = None,
    unit: UnitOption = None,
    rater: RaterOption = None,
    value: ValueOption = None,
    level: LevelOption = "nominal",
    by: ByOption = None,
    cluster: ClusterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Krippendorff's alpha with its interval, and percent agreement: of a study, or of a ratings file."""

    def work() -> Outcome[AgreementReport]:
        from annotation.agree import RatingsFile, agree_file, agree_study
        from mvpbench.store.study import open_study

        if ratings is None:
            return agree_study(open_study(study))
        if unit is None or rater is None or value is None:
            raise ConfigError(
                "columns-needed",
                "agree",
                where=str(ratings),
                found="no column for "
                + ", ".join(
                    name for name, given in (("--unit", unit), ("--rater", rater), ("--value", value)) if given is None
                ),
                expected="--unit, --rater and --value",
                way_out="name the columns of the file",
            )
        return agree_file(RatingsFile(path=ratings, unit=unit, rater=rater, value=value, by=by, cluster=cluster), level)

    perform("agree", as_json, work)
