"""Progress on a terminal: the same drawing once, or again and again."""

from collections.abc import Iterator, Sequence
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from annotation.status import said
from mvpbench.page import seen
from schemas.annotation import TaskKind
from schemas.progress import GroupProgress, Progress, Tally

SLOTS_OF = 5
"""Countries and languages up to which every slot has a line; beyond, those without a pace."""
SLOTS = 10
"""Of these; where all have a line there are no more than three times as many."""
RATERS = 10
ITEMS = 5
COMMENTS = 3
"""Lines on a terminal; the page and `--json` have all."""
NAME = 23
"""Columns of a country's or a rater's name."""


def in_lines(progress: Progress, width: int) -> tuple[str, ...]:
    """Return the drawing as plain lines of at most `width` columns."""
    file = StringIO()
    console = Console(file=file, width=width, color_system=None, force_terminal=False, legacy_windows=False)
    console.print(drawing(progress))
    return tuple(line.rstrip() for line in file.getvalue().rstrip("\n").split("\n"))


def drawing(progress: Progress, rows: int | None = None) -> Group:
    """Return what is shown.

    `rows` is how many countries and slots there is room for: those with most to do stay; None: all countries, by name.
    """
    parts: list[RenderableType] = [_head(progress), *_agreement(progress), Text(), *_groups(progress, rows)]
    parts += _slots(progress, rows)
    parts += _listed(
        "raters to talk with",
        ("slot", "rater", ">rated", ">hours", "why"),
        [
            (
                *(said.slots_of(one), one.name or said.BY_HAND, f"{one.rated:,}", f"{said.hours(one):.1f}"),
                "; ".join(said.flag(flag) for flag in one.flags),
            )
            for one in progress.raters
            if one.flags
        ],
        RATERS,
    )
    parts += _adjudicators(progress)
    for code, title in said.FINDINGS.items():
        parts += _listed(
            title,
            ("of", ">raters", "found"),
            [(one.subject, str(one.raters), one.found) for one in progress.items if one.code == code],
            ITEMS,
        )
    parts += _listed(
        "answers that do not count",
        ("reason", ">answers", "which"),
        [(one.reason, f"{one.count:,}", one.meaning) for one in progress.left_out],
        len(progress.left_out),
    )
    if progress.deleted:
        parts += [Text(), _text(said.deleted(progress.deleted))]
    parts += _listed("comments", ("slot", "<text"), [(one.slot, one.text) for one in progress.comments], COMMENTS)
    return Group(*parts)


def _head(progress: Progress) -> Group:
    title = _text(f"{progress.study}, {progress.at[:16].replace('T', ' ')} UTC", "bold")
    return Group(title, *(_text(line) for line in said.head_lines(progress)))


def _agreement(progress: Progress) -> Iterator[RenderableType]:
    agreement = progress.agreement
    if progress.sample.lacking is not None:
        yield _text(f"agreement {agreement.gate.found}")
        return
    yield _text(f"agreement gate {agreement.gate.outcome.replace('_', ' ')}: {agreement.gate.found}", "bold")
    yield _text(f"expected: {agreement.gate.expected}")
    table = _table(("", "~alpha [95 %]", ">agree", "~as expected", ">units", ">raters"))
    table.add_row(
        _text("all"),
        _text(said.estimate(agreement.alpha)),
        _text(said.plain_share(agreement.percent_agreement)),
        _text(said.share(agreement.with_expected)),
        *("", ""),
    )
    for one in agreement.by_country:
        table.add_row(
            _text(one.name),
            _text(said.estimate(one.alpha)),
            _text(said.plain_share(one.percent_agreement)),
            _text(said.share(one.with_expected)),
            *(f"{one.units:,}", f"{one.raters:,}"),
        )
    yield Text()
    yield table


def _groups(progress: Progress, rows: int | None) -> Iterator[RenderableType]:
    table = _table(("country", ">person", ">item", ">done", ">checks", ">whole", ">last answer", "expected"))
    shown = list(progress.groups)
    if rows is not None and len(shown) > rows:
        shown = sorted(shown, key=_share)[:rows]
    for group in shown:
        tasks = {one.task: one.rated for one in group.tasks}
        person, item = (tasks.get(task, Tally(assigned=0, answered=0)) for task in (TaskKind.PERSON, TaskKind.ITEM))
        units = sum(one.units for one in group.tasks)
        whole = sum(one.whole for one in group.tasks)
        table.add_row(
            _text(said.group_name(group)),
            *(said.of(person), said.of(item), said.percent(said.rated(group))),
            *(said.of(group.checks), f"{whole:,}/{units:,}"),
            said.ago(group.pace.last_answer, progress.at),
            _text(said.expected(group)),
        )
    table.columns[0].max_width = NAME
    yield table
    if len(shown) < len(progress.groups):
        yield _text(f"and {len(progress.groups) - len(shown):,} that are further on", "dim")


def _share(group: GroupProgress) -> float:
    rated = said.rated(group)
    return rated.answered / rated.assigned if rated.assigned else 1.0


def _slots(progress: Progress, rows: int | None) -> list[RenderableType]:
    slots = [one for group in progress.groups for one in group.slots]
    title, most = "slots", 3 * SLOTS
    if len(progress.groups) > SLOTS_OF or (rows is not None and len(slots) > rows):
        title, most = "slots that stand still, or have just begun", SLOTS
        slots = [one for one in slots if one.pace.end is None and one.rated.answered < one.rated.assigned]
    return _listed(
        title,
        ("slot", "rater", "from", ">rated", ">", ">checks", ">last answer", "expected"),
        [
            (
                *(one.slot, said.who(one), said.elsewhere(one), said.of(one.rated), said.percent(one.rated)),
                *(said.of(one.checks), said.ago(one.pace.last_answer, progress.at), said.expected_of(one)),
            )
            for one in slots
        ],
        most if rows is None else min(most, rows),
    )


def _adjudicators(progress: Progress) -> list[RenderableType]:
    words = said.adjudicated(progress.adjudication)
    rows = [
        (said.slots_of(one), f"{one.decided:,}", f"{said.hours(one):.1f}", said.pay(one))
        for one in progress.adjudication.adjudicators
    ]
    told = [Text(), _text(words)] if words else []
    return told + _listed("adjudicators", ("slot", ">decided", ">hours", "at least"), rows, RATERS)


def _listed(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], most: int) -> list[RenderableType]:
    if not rows:
        return []
    table = _table(columns)
    for row in rows[:most]:
        table.add_row(*(_text(cell) for cell in row))
    left = len(rows) - most
    return [Text(), _text(title, "bold"), table, *([_text(f"and {left:,} more", "dim")] if left > 0 else [])]


def _table(columns: Sequence[str]) -> Table:
    """A column whose name begins with `>` is of numbers, with `<` of text cut at the end of its one line.

    The last column and those with `~` may take several lines.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for place, name in enumerate(columns):
        cut = name.startswith("<")
        folds = not cut and (place == len(columns) - 1 or name.startswith("~"))
        table.add_column(
            name.lstrip("<>~"),
            justify="right" if name.startswith(">") else "left",
            no_wrap=not folds,
            overflow="fold" if folds else "ellipsis",
            max_width=NAME if name in {"rater", "slot"} else None,
            ratio=1 if cut else None,
        )
        table.expand = table.expand or cut
    return table


def _text(text: str, style: str = "") -> Text:
    """Foreign text as one line: no markup, nothing that hides or turns what is read."""
    return Text(seen(" ".join(text.split())), style=style)
