"""Who fills which slot: compatriots first, each rater once, nobody redrawn."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.sample.roster import Rater, give_slots, place_raters, placements, read_roster
from annotation.slots import Group, place_of, slot_ids
from mvpbench.store.journal import Journal
from mvpbench.store.study import init_study
from schemas.annotation import Fit, TaskKind
from schemas.errors import InputError

KENYA = slot_ids(Group("KE", "sw"), TaskKind.PERSON, 2)
RWANDA = slot_ids(Group("RW", "sw"), TaskKind.PERSON, 1)
RATERS = st.lists(
    st.builds(
        Rater,
        st.integers(0, 30).map(lambda n: f"rater {n}"),
        st.sampled_from(["KE", "RW", "FR"]),
        st.lists(st.sampled_from(["sw", "fr", "en"]), min_size=1, max_size=2).map(tuple),
    ),
    max_size=8,
    unique_by=lambda one: one.name,
)


def test_a_compatriot_goes_before_somebody_from_elsewhere_whatever_the_order_of_the_list() -> None:
    raters = [Rater("from Rwanda", "RW", ("sw",)), Rater("from Kenya", "KE", ("en", "sw-KE"))]
    placed = place_raters([*RWANDA, *KENYA], raters, {})
    assert [(one.slot, one.rater, one.fit) for one in placed] == [
        ("KE-sw-person-1", "from Kenya", Fit.COUNTRY),
        ("KE-sw-person-2", None, Fit.NONE),
        ("RW-sw-person-1", "from Rwanda", Fit.COUNTRY),
    ]


def test_who_reads_the_language_stands_in_and_it_is_said() -> None:
    raters = [Rater("a", "TZ", ("sw",)), Rater("b", "KE", ("en",))]
    first, second = place_raters(KENYA, raters, {})
    assert (first.rater, first.rater_country, first.fit) == ("a", "TZ", Fit.LANGUAGE)
    assert (second.rater, second.fit) == (None, Fit.NONE)


@given(raters=RATERS, more=RATERS)
def test_nobody_has_two_slots_and_nobody_is_moved(raters: list[Rater], more: list[Rater]) -> None:
    slots = [*KENYA, *RWANDA, *slot_ids(Group("FR", "fr"), TaskKind.ITEM, 2)]
    before = place_raters(slots, raters, {})
    named = Counter(one.rater for one in before if one.rater)
    assert set(named.values()) <= {1}
    known = {one.name: one for one in raters}
    for one in before:
        if one.rater:
            assert any(tag.startswith(place_of(one.slot).group.language) for tag in known[one.rater].languages)
            assert (one.fit is Fit.COUNTRY) == (known[one.rater].country == one.country)
    grown = raters + [one for one in more if one.name not in known]
    after = place_raters(slots, grown, {one.slot: one for one in before})
    assert [one for one in before if one.rater] == [
        one for one in after if one.slot in {one.slot for one in before if one.rater}
    ]


def test_placements_are_written_down_and_stand(tmp_path: Path) -> None:
    text = "format: 1\nname: n\nsurvey: {file: none.csv}\nannotate: {raters: raters.csv}\n"
    study = init_study(tmp_path, text)
    file = tmp_path / "raters.csv"
    file.write_text("rater,country,languages,note\nz,TZ,sw en,x\n", encoding="utf-8")
    with Journal(study.journal) as journal:
        first = give_slots(study, journal, KENYA)
        assert [one.rater for one in first] == ["z", None]
        assert set(placements(journal)) == {"KE-sw-person-1"}
        file.write_text("rater,country,languages\na,KE,sw\nz,TZ,sw en\n", encoding="utf-8")
        assert [one.rater for one in give_slots(study, journal, KENYA)] == ["z", "a"]


@pytest.fixture
def usual_limit() -> Iterator[None]:
    """Python's own limit of a field: it holds for the whole process, and readers of surveys raise it."""
    before = csv.field_size_limit(131_072)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("usual_limit")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the list of raters ({file}): found an empty file, expected the columns rater, country, languages;"
             " lacking: rater, country, languages"),
        ("rater,country\n", "the list of raters ({file}): found rater, country, expected the columns rater, country,"
                            " languages; lacking: languages"),
        ("rater,country,languages\na,,sw\n", "the list of raters ({file}, row 1, column 'country'): found nothing"),
        ("rater,country,languages\na,Kenya,sw\n", "rater 'a' ({file}, row 1): found 'Kenya', expected an ISO 3166-1"
                                                  " alpha-2 code, such as KE"),
        ("rater,country,languages\na,KE,swahili!\n", "rater 'a' ({file}, row 1): found 'swahili!', expected BCP 47 tags"
                                                     " parted by spaces, such as sw en"),
        ("rater,country,languages\na\u202eb\u200b,KE,sw\n", "the name of a rater ({file}, row 1, column 'rater'): found"
            " characters that nobody sees: U+200B, U+202E, expected a name or code that looks as it is"),
        (f"rater,country,languages\n{'a' * 131_073},KE,sw\n", "the list of raters ({file}, line 2): found field larger"
                                                             " than field limit (131072)"),
        (f"rater,country,{'l' * 131_073}\n", "the list of raters ({file}, line 1): found field larger than field limit"
                                             " (131072)"),
        ("rater,country,languages\na,KE,sw\na,KE,en\n", "rater 'a' ({file}, row 2): found listed before"),
    ],
)  # fmt: skip
def test_a_list_that_does_not_fit_is_one_clear_error(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "raters.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_roster(file)
    assert str(raised.value) == message.format(file=file)


def test_a_list_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found no file"):
        read_roster(tmp_path / "none.csv")
