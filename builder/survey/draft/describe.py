"""`survey describe`: what is in a survey file, and the codebook that reads it, known or drafted."""

from pathlib import Path
from shlex import quote

from builder.frameworks import load_framework
from builder.survey.codebook import built_in_for, must_be_there, read_codebook
from builder.survey.draft.ddi import Ddi, read_ddi
from builder.survey.draft.facts import ROWS, FileFacts, clean, from_ddi, gather, shown
from builder.survey.draft.guess import guess
from builder.survey.draft.write import write_draft
from builder.survey.formats import FORMATS, place_noun
from builder.survey.table import kind_of
from mvpbench.store.atomic import disk_errors, write_atomic
from schemas.codebook import Codebook
from schemas.errors import InputError
from schemas.results import Outcome
from schemas.values import ValueFramework
from schemas.variables import DescribeResult

DDI_ENDING = ".xml"
DDI_FORMAT = "ddi"


def describe_survey(
    path: Path, *, ddi: Path | None = None, framework: str | None = None, draft: Path | None = None, rows: int = ROWS
) -> Outcome[DescribeResult]:
    """Return the columns of the survey at `path` and its codebook: a built-in one that fits, else a draft.

    `path` may be DDI-Codebook XML alone; `ddi` documents a file of data. `framework` names what the items measure:
    a built-in framework, or one in the folder `frameworks` of where the command is run. With `draft` the codebook is
    written there. The first `rows` rows are looked at.

    Raises InputError `survey-missing` and as the readers do, `draft-there` where another file is at `draft`,
    ConfigError where there is no such framework, StudyError as `disk_errors`.
    """
    chosen = load_framework(framework, Path.cwd()) if framework is not None else None
    must_be_there(path)
    if path.is_file() and path.suffix.lower() != DDI_ENDING:
        kind_of(path)
    if path.suffix.lower() == DDI_ENDING:
        result = _drafted(path, from_ddi(path, read_ddi(path)), chosen, rows)
    else:
        result = _of_data(path, read_ddi(ddi) if ddi is not None else None, chosen, rows)
    if draft is not None:
        _write(draft, result.codebook)
    return _outcome(result, draft)


def _of_data(path: Path, ddi: Ddi | None, chosen: ValueFramework | None, rows: int) -> DescribeResult:
    fits = built_in_for(path)
    book = read_codebook(fits) if fits is not None else None
    if fits is None or book is None or (chosen is not None and chosen.framework != book.framework):
        return _drafted(path, gather(FORMATS["table"].files(path)[0], ddi, rows), chosen, rows)
    facts = gather(FORMATS[book.format].files(path)[0], ddi, rows)
    text = fits.read_text(encoding="utf-8")
    return _result(path, book.format, facts).model_copy(
        update={"known": book.name, "codebook": text, "notes": (_known(path, book), *_notes(facts))}
    )


def _drafted(path: Path, facts: FileFacts, chosen: ValueFramework | None, rows: int) -> DescribeResult:
    text, todo = write_draft(guess(facts, chosen, rows))
    form = "table" if facts.first is not None else DDI_FORMAT
    return _result(path, form, facts).model_copy(update={"codebook": text, "todo": todo, "notes": _notes(facts)})


def _result(path: Path, form: str, facts: FileFacts) -> DescribeResult:
    return DescribeResult(
        path=str(path),
        format=form,
        known=None,
        rows=facts.first.rows if facts.first else 0,
        all_rows=facts.first is not None and facts.first.whole_file,
        columns=tuple(map(shown, facts.columns)),
        codebook="",
        todo=(),
        notes=(),
    )


def _known(path: Path, book: Codebook) -> str:
    return (
        f"this is {book.title}: the built-in codebook `{book.name}` reads it, and "
        f"`mvpbench init DIR --survey {path}` finds it by itself"
    )


def _notes(facts: FileFacts) -> tuple[str, ...]:
    notes = []
    if facts.first is None:
        notes.append("no data was looked at: the documentation alone")
        if facts.ddi is not None and len(facts.ddi.files) > 1:
            which = f"{len(facts.ddi.files)} files are documented; these are the {len(facts.columns):,} columns of one"
            notes.append(f"{which}: give the file of people with --ddi {clean(facts.path.name)}")
    elif facts.first.whole_file:
        notes.append(f"all {facts.first.rows:,} rows were looked at")
    else:
        notes.append(f"the first {facts.first.rows:,} rows were looked at: more values may stand further down")
    if facts.second_header:
        notes.append("the two lines under the header hold questions and ids of Qualtrics: take them out of the file")
    if facts.first is not None and facts.first.bad:
        bad = facts.first.bad[0]
        first = f"the first is {place_noun(facts.path)} {bad.place}: {bad.reason}, {clean(bad.detail)}"
        notes.append(f"{len(facts.first.bad):,} rows cannot be read; {first}")
    if facts.ddi is not None and facts.first is not None:
        documented = sum(bool(column.label or column.labels) for column in facts.columns)
        notes.append(f"{documented:,} of {len(facts.columns):,} columns are documented")
    return tuple(notes)


def _write(draft: Path, text: str) -> None:
    with disk_errors(draft):
        there = draft.read_bytes() if draft.is_file() else None
        is_other = draft.exists() and there is None
    if is_other or (there is not None and there != text.encode("utf-8")):
        raise InputError(
            "draft-there",
            "draft of a codebook",
            where=str(draft),
            found="a folder of this name" if is_other else "another file, perhaps with your corrections",
            expected="no file, or the same draft",
            way_out="name another file with --draft, or move this one away",
        )
    if there is None:
        write_atomic(draft, text)


def _outcome(result: DescribeResult, draft: Path | None) -> Outcome[DescribeResult]:
    gaps = f"still to be filled: {', '.join(result.todo)}" if result.todo else ""
    book = str(draft) if draft is not None else "codebook.yaml"
    is_known = result.known is not None
    after = f"mvpbench init DIR --survey {quote(result.path)}" + ("" if is_known else f" --codebook {quote(book)}")
    if result.format == DDI_FORMAT:
        after = f"mvpbench init DIR --survey FILE --codebook {quote(book)}"
    saved = "" if draft is not None or is_known else f"save it as {book} (`--draft {book}`), "
    step = saved + (f"fill {'it' if saved else book} in, " if result.todo else "")
    step = f"{step}then {after}" if step else after
    return Outcome(
        result=result,
        counts={"columns": len(result.columns), "rows looked at": result.rows},
        outputs=(str(draft),) if draft is not None else (),
        summary=(*result.notes, gaps) if gaps else result.notes,
        next_step=step,
        document=result.codebook if draft is None and not is_known else None,
    )
