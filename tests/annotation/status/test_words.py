"""The drawing on a terminal: every number where it belongs, nothing of foreign text but its letters, in any width."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from rich.cells import cell_len

from annotation.status.measure import measure
from annotation.status.words import drawing, in_lines
from schemas.progress import Progress
from tests.annotation.status.made import NOW, at_work, seen, tasks
from tests.annotation.status.small import small

GOLDEN = Path(__file__).parent / "golden"
FORTY = (
    *("AD", "AE", "AM", "AO", "AR", "AT", "AU", "AZ", "BD", "BE", "BG", "BI", "BJ", "BN", "BO", "BR", "BS", "BT", "BW"),
    *("BZ", "CA", "CD", "CH", "CI", "CL", "CM", "CN", "CO", "CR", "CU", "CY", "CZ", "DE", "DJ", "DK", "DO", "DZ", "EC"),
    *("EE", "SH"),
)


@cache
def _of(*countries: str) -> Progress:
    return measure(at_work(countries), NOW)


@pytest.mark.parametrize(("name", "whole"), [("partial", False), ("whole", True)])
def test_the_drawing_is_as_it_was_read(name: str, whole: bool) -> None:
    """The numbers are counted in `small`; the files were read line by line when they were made."""
    drawn = "\n".join(in_lines(measure(small(whole=whole), NOW), 100)) + "\n"
    assert drawn == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "whole"), [("partial", False), ("whole", True)])
def test_the_record_is_as_it_was_read(name: str, whole: bool) -> None:
    """Whoever reads `--json` counts on these names."""
    told = measure(small(whole=whole), NOW).model_dump_json(indent=1) + "\n"
    assert told == (GOLDEN / f"{name}.json").read_text(encoding="utf-8")


def test_before_the_first_pull() -> None:
    lines = in_lines(measure(seen(tasks("KE-sw-person-1", 4), pulled=False), NOW), 100)
    assert lines[1] == "nothing pulled yet: `mvpbench annotate pull` brings what raters said"
    (row,) = [line for line in lines if line.startswith("Kenya")]
    assert row.split() == ["Kenya,", "sw", "0/4", "–", "0", "%", "–", "0/4", "never", "1", "not", "begun"]


def test_a_dry_run_says_so_first() -> None:
    progress = measure(small(), NOW).model_copy(update={"counted": ("simulated",)})
    assert in_lines(progress, 100)[1] == "SIMULATED raters: this says nothing about people"


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("countries", [FORTY[:3], FORTY])
def test_no_line_is_wider_than_the_terminal(width: int, countries: tuple[str, ...]) -> None:
    assert max(map(cell_len, in_lines(_of(*countries), width))) <= width


def test_forty_countries_fit_a_hundred_columns_a_line_each() -> None:
    lines = in_lines(_of(*FORTY), 100)
    head = lines.index("")
    assert lines[head + 1].split() == [
        *("country", "person", "item", "done", "checks", "whole", "last", "answer", "expected"),
    ]
    rows = lines[head + 2 : lines.index("", head + 1)]
    assert len(rows) == 40
    assert [row[:5] for row in rows] == sorted(row[:5] for row in rows)
    assert not [row for row in rows if "…" in row[23:]]


def test_of_many_slots_those_without_a_pace_are_shown() -> None:
    text = "\n".join(in_lines(_of(*FORTY), 100))
    assert "\nslots that stand still, or have just begun\n" in text
    assert "\nslots\n" not in text


def test_rows_that_have_no_room_are_those_further_on() -> None:
    progress = _of(*FORTY)
    table = next(one for one in drawing(progress, 5).renderables if getattr(one, "row_count", 0))
    share = {f"{one.name}, {one.language}": sum(task.rated.answered for task in one.tasks) for one in progress.groups}
    shown = [str(cell) for cell in table.columns[0].cells]  # type: ignore[union-attr]
    assert shown == sorted(share, key=lambda name: share[name])[:5]


@pytest.mark.parametrize("whole", [False, True])
def test_on_eighty_columns_no_word_and_no_number_is_broken(whole: bool) -> None:
    words = {word for line in in_lines(measure(small(whole=whole), NOW), 200) for word in line.split()}
    lines = [
        line for line in in_lines(measure(small(whole=whole), NOW), 80) if not line.startswith("KE-sw-person-2  <")
    ]
    assert {word for line in lines for word in line.split()} <= words


def test_foreign_text_is_letters_alone() -> None:
    text = "\n".join(in_lines(measure(small(), NOW), 400))
    assert '<script>document.title="broken"</script> [bold red]loud[/] turned & "quoted" [31mred[0m' in text
    assert not set(text) & {"\x1b", "\u202e", "\u202c"}


def test_the_name_of_a_rater_is_foreign_text_too() -> None:
    given = small()
    hostile = {
        slot: one.model_copy(update={"rater": "\x1b[2J[red]\nAmina\u202e"}) for slot, one in given.placements.items()
    }
    text = "\n".join(in_lines(measure(replace(given, placements=hostile), NOW), 200))
    assert "[2J[red] Amina " in text
    assert not set(text) & {"\x1b", "\u202e"}
