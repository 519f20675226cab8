"""`mvpbench agree`: agreement of a study's raters, or of any ratings file."""

from pathlib import Path
from typing import Annotated

import typer

from mvpbench.cli.frame import HERE, JsonOption, StudyOption, perform
from schemas.agreement import AgreementReport
from schemas.annotation import TaskKind
from schemas.errors import ConfigError
from schemas.results import Outcome

RatingsOption = Annotated[
    Path | None,
    typer.Option(
        "--ratings", metavar="FILE", help="A CSV, TSV or Parquet of ratings, or a JSON export of Label Studio."
    ),
]
UnitOption = Annotated[
    str | None,
    typer.Option("--unit", metavar="COL", help="Column of what was rated; of an export, by default the task."),
]
RaterOption = Annotated[
    str | None, typer.Option("--rater", metavar="COL", help="Column of who rated; of an export, by default the user.")
]
ValueOption = Annotated[
    str | None, typer.Option("--value", metavar="COL", help="Column of the rating; of an export, name of the control.")
]
LevelOption = Annotated[str, typer.Option("--level", help="nominal, ordinal, interval or ratio.")]
ByOption = Annotated[
    list[str] | None,
    typer.Option("--by", metavar="COL", help="Also for each value of this column; COL,COL crosses; may be repeated."),
]
ClusterOption = Annotated[
    str | None, typer.Option("--cluster", metavar="COL", help="Units with the same value are resampled together.")
]
RaterGroupOption = Annotated[
    str | None,
    typer.Option("--rater-group", metavar="COL", help="Column of the rater's group: agreement within and between."),
]
WidthOption = Annotated[
    float | None,
    typer.Option("--width", metavar="W", help="How many units or raters an interval of alpha W wide would take."),
]
TaskOption = Annotated[
    TaskKind, typer.Option("--task", help="Of a study: what people say of persons, or of questions (item).")
]


def agree(
    study: StudyOption = HERE,
    task: TaskOption = TaskKind.PERSON,
    ratings: RatingsOption = None,
    unit: UnitOption = None,
    rater: RaterOption = None,
    value: ValueOption = None,
    level: LevelOption = "nominal",
    by: ByOption = None,
    cluster: ClusterOption = None,
    rater_group: RaterGroupOption = None,
    width: WidthOption = None,
    as_json: JsonOption = False,
) -> None:
    """How far raters agree, with intervals, by group and between groups: of a study, or of a ratings file."""

    def work() -> Outcome[AgreementReport]:
        from annotation.agreement import RatingsFile, agree_file, agree_items, agree_study
        from mvpbench.store.study import open_study

        groups = tuple(tuple(name.strip() for name in names.split(",")) for names in by or ())
        if ratings is None:
            of_task = agree_items if task is TaskKind.ITEM else agree_study
            return of_task(open_study(study), groups if by else None, width)
        exported = ratings.suffix.lower() == ".json"
        columns = (unit or ("id" if exported else None), rater or ("completed_by" if exported else None), value)
        if columns[0] is None or columns[1] is None or columns[2] is None:
            raise _columns_needed(ratings, columns)
        file = RatingsFile(
            path=ratings,
            unit=columns[0],
            rater=columns[1],
            value=columns[2],
            by=groups,
            cluster=cluster,
            rater_group=rater_group,
        )
        return agree_file(file, level, width)

    perform("agree", as_json, work)


def _columns_needed(ratings: Path, columns: tuple[str | None, ...]) -> ConfigError:
    options = ("--unit", "--rater", "--value")
    return ConfigError(
        "columns-needed",
        "agree",
        where=str(ratings),
        found="no column for " + ", ".join(name for name, given in zip(options, columns, strict=True) if given is None),
        expected="--unit, --rater and --value",
        way_out="name the columns of the file",
    )
