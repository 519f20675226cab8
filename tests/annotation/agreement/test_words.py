"""The table for people: it fits 100 columns, and says why where there is no number."""

from annotation.agreement.level import Level
from annotation.agreement.run import Asked, agree
from annotation.agreement.table import Columns, tabulate
from annotation.agreement.words import in_words
from mvpbench.statistics.bootstrap import Resampling
from tests.annotation.agreement.published import BINARY

COLUMNS = 100


def made(level: Level) -> list[str]:
    units, raters = [f"u{unit}" for unit in range(10) for _ in BINARY], ["ann", "bob"] * 10
    places = [["KE" if unit < 5 else "a country with a name that is long"] for unit in range(10) for _ in BINARY]
    columns = Columns(
        unit=units,
        rater=raters,
        value=[values[unit] for unit in range(10) for values in BINARY],
        cluster=[None] * 20,
        groups={"place": places, "age": [["young"], ["old"]] * 10},
    )
    asked = Asked(by=(("place",), ("place", "age")), rater_groups=("age",), width=0.1)
    said = ["expected", "other", "both", "expected"] * 5
    return in_words(agree(tabulate(columns, level), asked, Resampling(1, resamples=200), said))


def test_the_tables_fit_a_terminal() -> None:
    """Reasons may be longer."""
    for level in Level:
        for line in made(level):
            assert len(line) <= COLUMNS or "undefined: " in line or "not estimable: " in line, line


def test_every_part_is_told() -> None:
    lines = made(Level.INTERVAL)
    text = "\n".join(lines)
    assert lines[0].split() == ["alpha", "(interval)", "Gwet's", "AC2", "agree", "expected", "units", "raters"]
    assert lines[1].startswith("all ")
    assert [line for line in lines if line.startswith("by ")] == ["by place", "by place and age"]
    place = lines.index("  a country with a name that is long")
    assert lines[place + 1].startswith(" " * len("  KE, young  ") + "-0.12")
    assert "no interval" in lines[place + 1]
    assert "expected answer" in text
    assert "of votes for an answer (10 of 15)" in text
    assert "of all votes; both 5" in text
    assert "raters by age" in text
    assert "  within groups           undefined: no unit has two raters of one group; 0 pairs" in text
    assert "within - between" not in text  # for the same reason
    assert "interval of alpha 0.1 wide from end to end" in text
    assert "not estimable: with two ratings a unit" in text
    assert "ICC(C,1), consistency" in text


def test_reasons_are_told_where_the_whole_has_no_number() -> None:
    columns = Columns(["u1", "u2"], ["a", "b"], ["x", "y"], [None, None], {})
    lines = in_words(agree(tabulate(columns, Level.NOMINAL), Asked(), Resampling(1)))
    assert "Krippendorff's alpha      undefined: no unit has two ratings" in lines
