"""Codebooks: reading one, and recognising a file that a built-in one fits."""

from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from builder.frameworks import load_framework
from builder.survey.formats import FORMATS
from builder.survey.mapping import Plan
from mvpbench.store.atomic import disk_errors
from mvpbench.store.config_file import read_config
from schemas.codebook import Codebook, SurveyItem
from schemas.errors import ConfigError, InputError
from schemas.survey import CountryOf
from schemas.values import ValueFramework

FOLDER = Path(__file__).parent / "codebooks"
BESIDE = "codebook.yaml"
"""A codebook of this name that lies beside a survey file speaks for it."""


def built_in_codebooks() -> Mapping[str, Path]:
    """Return the codebooks that ship with mvpbench, by name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.yaml"))}


def read_codebook(path: Path) -> Codebook:
    """Return the codebook at `path`. Raises ConfigError as `read_config` does, naming every key that does not fit."""
    return read_config(path, Codebook)


def recognise(path: Path) -> Path:
    """Return the codebook for the survey at `path`: the codebook.yaml beside it, else the first built-in that fits.

    A built-in codebook fits where the file has all the columns it names. Raises InputError `survey-missing`,
    `survey-format` or `survey-unrecognised`, or as the format does where the file cannot be read, StudyError as
    `disk_errors`, and ConfigError where the codebook beside it is none.
    """
    must_be_there(path)
    with disk_errors(path):
        beside = (path if path.is_dir() else path.parent) / BESIDE
        is_described = beside.is_file()
    if is_described:
        read_codebook(beside)
        return beside
    known = built_in_for(path)
    if known is not None:
        return known
    raise InputError(
        "survey-unrecognised",
        "survey file",
        where=str(path),
        found="columns that no built-in codebook describes",
        expected=f"one of {', '.join(built_in_codebooks())}",
        way_out=f"`mvpbench survey describe {path} --draft codebook.yaml` drafts a codebook from the file: fill in "
        "what it leaves open and give it with --codebook FILE",
    )


def must_be_there(path: Path) -> None:
    """Raise InputError `survey-missing` where nothing is at `path`, StudyError as `disk_errors`."""
    with disk_errors(path):
        is_there = path.exists()
    if not is_there:
        raise InputError(
            "survey-missing",
            "survey file",
            where=str(path),
            found="no such file",
            expected="a survey file or folder",
            way_out=_near(path),
        )


def built_in_for(path: Path) -> Path | None:
    """Return the first built-in codebook all of whose columns the file at `path` has; None where there is none.

    Raises InputError `survey-format` for an ending that no format reads, or as the format does where the file cannot
    be read.
    """
    ending = "" if path.is_dir() else path.suffix.lower()
    able = [name for name, form in FORMATS.items() if ending in form.endings]
    if not able:
        known = dict.fromkeys(one for form in FORMATS.values() for one in form.endings if one)
        raise InputError(
            "survey-format",
            "survey file",
            where=str(path),
            found=f"the ending {ending or '(none)'!r}",
            expected=f"one of {', '.join(known)}",
            way_out="export the file as CSV with a header row",
        )
    for codebook_path in built_in_codebooks().values():
        codebook = read_codebook(codebook_path)
        if codebook.format in able and _fits(codebook, path):
            return codebook_path
    return None


def _fits(codebook: Codebook, path: Path) -> bool:
    items = items_of(codebook, load_framework(codebook.framework))
    try:
        columns = FORMATS[codebook.format].columns(path, codebook.reading)
    except InputError as error:
        if error.report.code == "column-doubled":  # under that format's spelling; it may be read under another
            return False
        raise
    return not unknown_columns(Plan(codebook, items, CountryOf.RESIDENCE), set(columns))


def _near(path: Path) -> str:
    """A way out for a path that leads nowhere: what of that folder was meant, or how far the path is right."""
    there = next(parent for parent in path.resolve().parents if parent.is_dir())
    if there != path.resolve().parent:
        return f"of this path {there} is there"
    close = get_close_matches(path.name, [one.name for one in there.iterdir()], n=1)
    return f"did you mean {path.parent / close[0]}?" if close else "check the path"


def items_of(codebook: Codebook, framework: ValueFramework) -> tuple[SurveyItem, ...]:
    """Return all items of the codebook, those of the framework's questionnaire written out.

    Raises ConfigError `instrument-none`, `instrument-columns`, `dimension-unknown`, `item-doubled`.
    """
    items = (*_instrument(codebook, framework), *codebook.items)
    known = [dimension.name for dimension in framework.dimensions]
    for item in items:
        if item.dimension is not None and item.dimension not in known:
            raise ConfigError(
                "dimension-unknown",
                "codebook item",
                where=item.column,
                found=f"dimension {item.dimension!r}",
                expected=f"one of {', '.join(known)}",
            )
    doubled = [name for name, count in Counter(item.column for item in items).items() if count > 1]
    if doubled:
        raise ConfigError(
            "item-doubled", "codebook", where="items", found=f"{', '.join(doubled)} twice", expected="a column once"
        )
    return items


def _instrument(codebook: Codebook, framework: ValueFramework) -> tuple[SurveyItem, ...]:
    given, printed = codebook.instrument, framework.instrument
    if given is None:
        return ()
    if printed is None:
        raise ConfigError(
            "instrument-none",
            "codebook",
            where="instrument",
            found=f"columns of a questionnaire, which the framework {framework.framework} does not have",
            expected="`items` with their dimensions",
        )
    if len(given.columns) != len(printed.items):
        raise ConfigError(
            "instrument-columns",
            "codebook",
            where="instrument.columns",
            found=f"{len(given.columns)} columns",
            expected=f"the {len(printed.items)} questions of {framework.title}, in their order",
        )
    strange = [column for column in given.turned_columns if column not in given.columns]
    if strange:
        raise ConfigError(
            "instrument-columns",
            "codebook",
            where="instrument.turned_columns",
            found=", ".join(strange),
            expected="some of instrument.columns",
        )
    return tuple(
        SurveyItem(
            column=column,
            text=item.text,
            dimension=item.dimension,
            scale=given.scale or printed.scale,
            reverse=item.reverse != (given.turned != (column in given.turned_columns)),
        )
        for column, item in zip(given.columns, printed.items, strict=True)
    )


def unknown_columns(plan: Plan, columns: set[str]) -> dict[str, str]:
    """Return the columns that the codebook names and the file lacks -> the key that names them, in its order.

    What it calls optional may be lacking.
    """
    known = columns | set(plan.codebook.optional)
    return {name: key for name, key in plan.wanted().items() if name not in known}
