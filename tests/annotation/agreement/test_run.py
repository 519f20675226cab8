"""`agree`: of a ratings file with all that can be wrong with it, and of a study."""

import csv
import json
from pathlib import Path

import pytest

from annotation.agreement import RatingsFile, agree_file, agree_study
from annotation.agreement.level import Level
from annotation.agreement.run import Asked, agree
from annotation.agreement.table import Columns, tabulate
from annotation.declare import Waiver, declare
from annotation.sample.roster import PLACEMENT
from mvpbench.statistics.bootstrap import Resampling
from mvpbench.store.journal import Journal
from mvpbench.store.tables import write_table
from schemas.annotation import Annotation, AnnotatorKind, Assignment, Fit, Placement
from schemas.errors import ConfigError, InputError
from schemas.questions import Instance
from tests.annotation.made import made_pair, made_question, made_study
from tests.annotation.status.made import task
from tests.annotation.votes import made_annotation
from tests.real import D3CODE, needs_d3code

# Krippendorff (2011), section A: two raters, ten units, nominal alpha .095; they agree on six units.
FIRST, SECOND = "0100000010", "1110010000"
TEXT = "item,who,said,place,text\n" + "".join(
    f'u{unit},{rater},{values[unit]},{"KE" if unit < 5 else "BR"},"text, {unit // 2}"\n'
    for rater, values in (("ann", FIRST), ("bob", SECOND))
    for unit in range(10)
)


def _file(folder: Path, text: str = TEXT, by: str | None = None, cluster: str | None = None) -> RatingsFile:
    path = folder / "ratings.csv"
    path.write_text(text, encoding="utf-8")
    return RatingsFile(path=path, unit="item", rater="who", value="said", by=((by,),) if by else (), cluster=cluster)


def test_a_file_has_its_published_alpha(tmp_path: Path) -> None:
    found = agree_file(_file(tmp_path)).result.overall
    assert found.alpha.value == pytest.approx(0.095, abs=5e-4)
    assert found.percent_agreement == pytest.approx(0.6)
    assert (found.units, found.raters, found.pairable, found.level) == (10, 2, 20, "nominal")
    assert found.alpha.low is not None
    assert found.alpha.low < 0.095


@pytest.mark.parametrize(
    "text", [TEXT.replace(",", "\t").replace('"', ""), "\ufeff" + TEXT, TEXT.replace("\n", "\r\n")]
)
def test_tabs_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path, text: str) -> None:
    text = text.replace("text\t", "text ")
    assert agree_file(_file(tmp_path, text)).result.overall.pairable == 20


def test_groups_stand_beside_alpha_with_their_key(tmp_path: Path) -> None:
    shape = json.loads(agree_file(_file(tmp_path, by="place")).result.model_dump_json())
    assert [cell["key"] for cell in shape["by"]] == [{"place": "BR"}, {"place": "KE"}]
    keys = {"alpha", "level", "percent_agreement", "units", "raters", "pairable", "coefficients", "expected"}
    assert set(shape["overall"]) == keys
    assert all(set(cell) == keys | {"key"} for cell in shape["by"])
    assert set(shape["overall"]["alpha"]) == {"value", "low", "high", "undefined"}
    assert [cell["units"] for cell in shape["by"]] == [5, 5]


def test_units_of_one_cluster_are_resampled_together(tmp_path: Path) -> None:
    rows = "".join(f"u{unit},{rater},{unit % 4 // 2},c{unit // 20}\n" for unit in range(80) for rater in "ab")
    rows = "item,who,said,text\n" + rows.replace("u1,b,0", "u1,b,1")
    alone = agree_file(_file(tmp_path, rows)).result.overall.alpha
    together = agree_file(_file(tmp_path, rows, cluster="text")).result.overall.alpha
    assert alone.value == together.value
    assert alone != together


def test_a_missing_value_is_a_rating_that_was_not_given(tmp_path: Path) -> None:
    found = agree_file(_file(tmp_path, TEXT.replace("u0,ann,0", "u0,ann,")))
    assert found.dropped == {"no value": 1}
    assert found.result.overall.pairable == 18


def test_a_file_without_any_rating_has_no_alpha(tmp_path: Path) -> None:
    found = agree_file(_file(tmp_path, "item,who,said\n")).result.overall
    assert (found.alpha.value, found.percent_agreement, found.units) == (None, None, 0)
    assert found.alpha.undefined == "no unit has two ratings"


@pytest.mark.parametrize(
    ("text", "level", "code", "where", "found"),
    [
        ("", "nominal", "file-empty", "ratings.csv", "an empty file"),
        ("item,who,score\nu,a,1\n", "nominal", "column-missing", "ratings.csv", "item, who, score"),
        ("item,who,said\nu,a,1\n,b,1\n", "nominal", "blank-cell", "ratings.csv, row 2, column 'item'", "nothing"),
        ("item,who,said\nu,a,1\nu,b,x\n", "ordinal", "not-a-number", "ratings.csv, row 2, column 'said'", "'x'"),
        ("item,who,said\nu,a,nan\n", "interval", "not-a-number", "ratings.csv, row 1, column 'said'", "'nan'"),
        ("item,who,said\nu,a,-1\n", "ratio", "negative-ratio", "ratings.csv, row 1, column 'said'", "-1"),
        ("item,who,said\nu,a,1\nu,a,2\n", "nominal", "rated-twice", "ratings.csv, row 2", "a rating already in row 1"),
        ("item,who,said\nu,a\n", "nominal", "row-uneven", "ratings.csv, row 1", "2 cells"),
    ],
)
def test_bad_input_gets_one_message_with_its_place(
    tmp_path: Path, text: str, level: str, code: str, where: str, found: str
) -> None:
    with pytest.raises(InputError) as raised:
        agree_file(_file(tmp_path, text), level)
    report = raised.value.report
    assert (report.code, report.found) == (code, found)
    assert str(report.where).endswith(where)


def test_a_file_that_is_not_there_and_one_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        agree_file(RatingsFile(path=tmp_path / "none.csv", unit="u", rater="r", value="v"))
    (tmp_path / "ratings.csv").write_bytes(b"item,who,said\nu,\xff,1\n")
    with pytest.raises(InputError, match="not UTF-8 at offset 16"):
        agree_file(RatingsFile(path=tmp_path / "ratings.csv", unit="item", rater="who", value="said"))


def test_an_unknown_level_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nominal, ordinal, interval, ratio"):
        agree_file(_file(tmp_path), "cardinal")


def test_ratings_of_one_unit_may_fall_into_several_groups() -> None:
    columns = Columns(
        unit=["u1"] * 3,
        rater=["a", "b", "c"],
        value=["x", "x", "y"],
        cluster=[None] * 3,
        groups={"from": [["KE"], ["KE"], ["BR"]]},
    )
    cells = agree(tabulate(columns, Level.NOMINAL), Asked(by=(("from",),)), Resampling(1)).by
    assert [(cell.key["from"], cell.raters, cell.pairable) for cell in cells] == [("BR", 1, 0), ("KE", 2, 2)]


def test_raters_who_all_name_the_expected_answers_agree_completely(tmp_path: Path) -> None:
    """Counted as "expected" nothing would vary; counted by side, half of the votes are for the high one."""
    study = made_study(tmp_path, pairs=10)
    instances = [one for number in range(10) for one in made_pair(made_question(number), number)]
    rows = [made_annotation(one, slot, one.expected) for one in instances for slot in (1, 2)]
    write_table(study.tables, "annotations", Annotation, rows)
    report = agree_study(study).result
    assert report.overall.alpha.value == 1.0
    assert (report.overall.units, report.overall.raters, report.overall.pairable) == (20, 2, 40)
    assert [cell.key for cell in report.by] == [
        {"country": "KE"},
        {"dimension": "care"},
        {"language": "en"},
        {"recipe": "sides"},
    ]


def test_where_people_rated_only_people_count(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=4)
    instances = [one for number in range(4) for one in made_pair(made_question(number), number)]
    rows = [made_annotation(one, slot, one.expected) for one in instances for slot in (1, 2)]
    noise = [made_annotation(one, 3, "neither", AnnotatorKind.SIMULATED) for one in instances]
    write_table(study.tables, "annotations", Annotation, rows + noise)
    found = agree_study(study)
    assert (found.result.overall.alpha.value, found.dropped) == (1.0, {"not by people": 8})
    write_table(study.tables, "annotations", Annotation, noise)
    assert agree_study(study).summary[1].startswith("SIMULATED")


def test_before_the_declared_sample_is_in_the_first_line_says_so(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=4)
    instances = [one for number in range(4) for one in made_pair(made_question(number), number)]
    rows = [made_annotation(one, slot, one.expected) for one in instances for slot in (1, 2)]
    write_table(study.tables, "annotations", Annotation, rows)
    assert agree_study(study).summary[0] == "no sample was declared: hold no gate against these numbers"
    assigned = [task(one.slot, 0).model_copy(update={"uid": one.uid}) for one in rows]
    unanswered = [one.model_copy(update={"uid": f"{one.uid}-more"}) for one in assigned[:3]]
    write_table(study.tables, "assignments", Assignment, [*assigned, *unanswered])
    with Journal(study.journal) as journal:
        declare(journal, study.config.annotate, [*assigned, *unanswered])
    found = agree_study(study)
    lacking = "the declared sample is not in (16 of 19 ratings)"
    assert found.summary[0] == f"{lacking}: hold no gate against these numbers"
    assert found.result.sample is not None
    assert (found.result.sample.lacking, found.result.sample.declared) == (lacking, 19)
    with Journal(study.journal) as journal:
        waived = Waiver({one.uid for one in unanswered}, "the rater left")
        declare(journal, study.config.annotate, [*assigned, *unanswered], waived)
    assert agree_study(study).summary[0] == "3 of 19 declared ratings are WAIVED: the rater left"
    write_table(study.tables, "assignments", Assignment, assigned)
    with Journal(study.journal) as journal:
        declare(journal, study.config.annotate, assigned)
    assert agree_study(study).summary[0].lstrip().startswith("alpha")


def test_the_two_halves_of_a_pair_are_resampled_together(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=1)
    rows = [made_annotation(one, slot, one.expected) for one in made_pair(made_question(0), 0) for slot in (1, 2)]
    write_table(study.tables, "annotations", Annotation, rows)
    found = agree_study(study).result.overall.alpha
    assert (found.value, found.low) == (1.0, None)
    assert "one group" in str(found.undefined)


def test_a_study_is_broken_down_by_every_dimension_and_its_combination(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=10)
    instances = [one for number in range(10) for one in made_pair(made_question(number), number)]
    instances = [
        one.model_copy(update={"dimensions": ("care", "purity")}) if place < 8 else one
        for place, one in enumerate(instances)
    ]
    write_table(study.tables, "instances", Instance, instances)
    rows = [made_annotation(one, slot, one.expected) for one in instances for slot in (1, 2)]
    write_table(study.tables, "annotations", Annotation, rows)
    units = {next(iter(cell.key.values())): cell.units for cell in agree_study(study).result.by}
    assert units == {"KE": 20, "care": 20, "purity": 8, "care+purity": 8, "en": 20, "sides": 20}
    crossed = agree_study(study, by=(("country", "dimension"),)).result.by
    assert [(cell.key, cell.units) for cell in crossed] == [
        ({"country": "KE", "dimension": "care"}, 20),
        ({"country": "KE", "dimension": "purity"}, 8),
    ]
    with pytest.raises(ConfigError, match="'town', expected country, dimension, dimensions, language, recipe"):
        agree_study(study, by=(("town",),))


def test_votes_for_the_expected_answer_are_a_share_and_others_are_counted_apart(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=10)
    instances = [one for number in range(10) for one in made_pair(made_question(number), number)]
    rows = [made_annotation(one, 1, one.expected) for one in instances]
    rows += [
        made_annotation(one, 2, vote if vote != "other" else instances[place ^ 1].expected)
        for place, (one, vote) in enumerate(
            zip(instances, ["other"] * 4 + ["both"] * 3 + ["neither"] * 2 + ["cannot_tell"] + [""] * 10, strict=True)
        )
        if vote
    ]
    write_table(study.tables, "annotations", Annotation, rows)
    found = agree_study(study).result.overall.expected
    assert found is not None
    # 20 of 24 votes that name an answer, of 30 in all.
    assert (found.expected, found.other, found.apart) == (20, 4, {"both": 3, "cannot_tell": 1, "neither": 2})
    assert found.of_answers.value == pytest.approx(20 / 24)
    assert found.of_all.value == pytest.approx(20 / 30)
    assert found.of_answers.low is not None
    assert found.of_answers.low < 20 / 24
    groups = {next(iter(cell.key)): cell.expected for cell in agree_study(study).result.by}
    assert groups["country"] == found


def test_a_slot_is_held_against_the_other_slots(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=10)
    instances = [one for number in range(10) for one in made_pair(made_question(number), number)]
    odd = {one.id: instances[place ^ 1].expected for place, one in enumerate(instances)}
    rows = [
        made_annotation(one, slot, one.expected if slot < 3 else odd[one.id]) for one in instances for slot in (1, 2, 3)
    ]
    write_table(study.tables, "annotations", Annotation, rows)
    countries, slots = agree_study(study).result.rater_groups
    assert (countries.name, countries.pairs_within, countries.pairs_between) == ("rater_country", 60, 0)
    assert (slots.name, slots.pairs_within, slots.pairs_between) == ("slot", 0, 60)
    # The third always says the opposite: -1 against both; each other agrees with one and not with the other: 0.
    assert [(one.key["slot"], one.across.value) for one in slots.groups] == [
        ("KE-en-person-1", 0),
        ("KE-en-person-2", 0),
        ("KE-en-person-3", -1),
    ]


def test_raters_are_held_against_each_other_by_where_they_are_from(tmp_path: Path) -> None:
    study = made_study(tmp_path, pairs=10)
    instances = [one for number in range(10) for one in made_pair(made_question(number), number)]
    odd = {one.id: instances[place ^ 1].expected for place, one in enumerate(instances)}
    rows = [
        made_annotation(one, slot, one.expected if slot < 3 else odd[one.id]) for one in instances for slot in (1, 2, 3)
    ]
    write_table(study.tables, "annotations", Annotation, rows)
    # The first was given to a Kenyan, the third to a Tanzanian who reads the language; the second nobody wrote down.
    with Journal(study.journal) as journal:
        for slot, country, fit in (("1", "KE", Fit.COUNTRY), ("3", "TZ", Fit.LANGUAGE)):
            name = f"KE-en-person-{slot}"
            placed = Placement(slot=name, country="KE", language="en", rater=slot, rater_country=country, fit=fit)
            journal.begin_write(PLACEMENT, name, placed.model_dump_json())
            journal.finish_write(PLACEMENT, name, "")
    found = agree_study(study)
    countries, fits, slots = found.result.rater_groups
    assert [one.name for one in (countries, fits, slots)] == ["rater_country", "fit", "slot"]
    # On each instance the Kenyan and the second agree, and both differ from the Tanzanian.
    assert (countries.pairs_within, countries.pairs_between, countries.without_group) == (20, 40, 0)
    assert countries.within.value == 1
    assert countries.between.value is not None
    assert countries.between.value < 0
    assert [(one.key["rater_country"], one.raters, one.across.value) for one in countries.groups] == [
        ("KE", 2, -1),
        ("TZ", 1, -1),
    ]
    assert [one.key["fit"] for one in fits.groups] == ["compatriot", "from elsewhere"]
    assert (fits.pairs_within, fits.pairs_between, fits.without_group) == (0, 20, 20)
    # Of slots, within which there are no pairs, only how each agrees with the others is printed.
    lines = found.summary[found.summary.index("raters by slot") :]
    assert lines[2].split() == ["others", "(XRR)", "raters"]
    assert [line.split()[0] for line in lines[3:]] == ["KE-en-person-1", "KE-en-person-2", "KE-en-person-3"]


@pytest.mark.parametrize("width", [0.0, -1.0, 2.0, float("nan")])
def test_a_width_that_cannot_be_is_refused(tmp_path: Path, width: float) -> None:
    with pytest.raises(ConfigError, match="a number above 0 and below 2"):
        agree_file(_file(tmp_path), width=width)


@needs_d3code
@pytest.mark.slow
def test_people_of_one_country_are_more_alike_in_what_they_value(tmp_path: Path) -> None:
    """The people of D3CODE rate six values, by their foundation scores; what they rated as offensive is not at hand."""
    with D3CODE.open(encoding="utf-8", newline="") as opened:
        people = list(csv.DictReader(opened))
    names = ("care", "equality", "proportionality", "authority", "loyalty", "purity")
    lines = [f"{name},{one['rater_id']},{one[name]},{one['Country']}" for one in people for name in names]
    path = tmp_path / "people.csv"
    path.write_text("\n".join(["unit,rater,value,country", *lines]) + "\n", encoding="utf-8")
    file = RatingsFile(path, "unit", "rater", "value", rater_group="country")
    (found,) = agree_file(file, "interval").result.rater_groups
    assert (len(found.groups), sum(one.raters for one in found.groups)) == (21, 4309)
    assert found.within.value == pytest.approx(0.320, abs=5e-4)
    assert found.between.value == pytest.approx(0.160, abs=5e-4)
    assert found.difference.low is not None
    assert found.difference.low > 0
