"""Codebooks: reading one, and recognising a file that a built-in one fits."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from builder.survey.formats import FORMATS
from mvpbench.store.atomic import disk_errors
from mvpbench.store.config_file import read_config
from schemas.codebook import Codebook
from schemas.errors import InputError

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
    with disk_errors(path):
        beside = (path if path.is_dir() else path.parent) / BESIDE
        is_there, is_described = path.exists(), beside.is_file()
    if not is_there:
        raise InputError(
            "survey-missing",
            "survey file",
            where=str(path),
            found="no such file",
            expected="a survey file or folder",
            way_out=_near(path),
        )
    if is_described:
        read_codebook(beside)
        return beside
    ending = "" if path.is_dir() else path.suffix.lower()
    able = [name for name, form in FORMATS.items() if ending in form.endings]
    if not able:
        raise InputError(
            "survey-format",
            "survey file",
            where=str(path),
            found=f"the ending {ending or '(none)'!r}",
            expected=f"one of {', '.join(known for form in FORMATS.values() for known in form.endings if known)}",
            way_out="export the file as CSV with a header row",
        )
    for codebook_path in built_in_codebooks().values():
        codebook = read_codebook(codebook_path)
        if codebook.format in able and not unknown_columns(codebook, set(FORMATS[codebook.format].columns(path))):
            return codebook_path
    raise InputError(
        "survey-unrecognised",
        "survey file",
        where=str(path),
        found="columns that no built-in codebook describes",
        expected=f"one of {', '.join(built_in_codebooks())}",
        way_out="write a codebook (`mvpbench schema codebook` describes it) and give it with --codebook FILE",
    )


def _near(path: Path) -> str:
    """A way out for a path that leads nowhere: what of that folder was meant, or how far the path is right."""
    there = next(parent for parent in path.resolve().parents if parent.is_dir())
    if there != path.resolve().parent:
        return f"of this path {there} is there"
    close = get_close_matches(path.name, [one.name for one in there.iterdir()], n=1)
    return f"did you mean {path.parent / close[0]}?" if close else "check the path"


def unknown_columns(codebook: Codebook, columns: set[str]) -> tuple[str, ...]:
    """Return the columns that `codebook` names and the file lacks, in the codebook's order."""
    named = [codebook.id]
    if codebook.country.column is not None:
        named.append(codebook.country.column)
    if codebook.region is not None:
        named.append(codebook.region)
    named += [column.column for column in codebook.demographics]
    named += [column.column for column in codebook.free_text]
    named += [item.column for item in codebook.items]
    return tuple(dict.fromkeys(name for name in named if name not in columns))
