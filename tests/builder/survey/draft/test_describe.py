"""From a survey file to a codebook: what a newcomer gets, and that it imports what a codebook by hand would."""

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from builder.frameworks import load_framework
from builder.survey import read_codebook
from builder.survey.draft import describe_survey
from builder.survey.draft.facts import gather
from builder.survey.draft.guess import guess
from builder.survey.draft.write import write_draft
from mvpbench.store.config_file import parse_config, parse_yaml
from schemas.codebook import Codebook
from schemas.errors import ConfigError, InputError
from tests.builder.survey.draft.made import BY_HAND, ddi, fill, kenya, people, write_dta, write_sav
from tests.synthetic import ess, wvs7

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "golden"
OPEN = {"title": "Values in Kenya", "citation": "Otieno (2026), Values in Kenya", "licence": "CC-BY-4.0"}


def codebook(text: str) -> Codebook:
    return parse_config(parse_yaml(text, "draft"), "draft", Codebook)


def by_hand(**changes: object) -> Codebook:
    return codebook(BY_HAND).model_copy(update=changes)


def test_a_labelled_spss_file_needs_what_no_file_can_say(tmp_path: Path) -> None:
    path = write_sav(tmp_path / "kenya.sav", kenya())
    result = describe_survey(path).result
    assert result.todo == ("title", "citation", "licence", "country.constant")
    filled = codebook(fill(result.codebook, **OPEN, constant="KE"))
    assert people(path, filled) == people(path, by_hand())
    assert len(people(path, filled)) > 150


@pytest.mark.parametrize("declared", [True, False])
def test_labels_tell_missing_answers_whether_the_file_declares_them_or_not(tmp_path: Path, declared: bool) -> None:
    path = write_sav(tmp_path / "kenya.sav", kenya(), declared=declared)
    draft = codebook(fill(describe_survey(path).result.codebook, **OPEN, constant="KE"))
    assert draft.item_missing == by_hand().item_missing


def test_a_labelled_stata_file_needs_no_more(tmp_path: Path) -> None:
    path = write_dta(tmp_path / "kenya.dta", kenya())
    result = describe_survey(path).result
    assert result.todo == ("title", "citation", "licence", "country.constant")
    filled = codebook(fill(result.codebook, **OPEN, constant="KE"))
    assert people(path, filled) == people(path, by_hand())


@pytest.mark.parametrize("namespace", ["", ' xmlns="ddi:codebook:2_5"', ' xmlns="http://www.icpsr.umich.edu/DDI"'])
def test_a_text_file_with_its_documentation_needs_nothing(tmp_path: Path, namespace: str) -> None:
    frame = kenya()
    path, documentation = tmp_path / "kenya.csv", tmp_path / "kenya.xml"
    frame.to_csv(path, index=False, sep=";", decimal=",")
    documentation.write_text(ddi(frame, namespace), encoding="utf-8")
    result = describe_survey(path, ddi=documentation).result
    assert result.todo == ()
    drafted = codebook(result.codebook)
    assert (drafted.name, drafted.title, drafted.version) == ("ken-2026-val", "Values in Kenya 2026", "2")
    assert (drafted.doi, drafted.licence) == ("10.0000/kenya", "CC-BY-4.0")
    assert drafted.citation == "Otieno, A. (2026), Values in Kenya 2026"
    reading = by_hand().reading.model_copy(update={"decimal": ","})
    assert people(path, drafted) == people(path, by_hand(reading=reading))


def test_documentation_alone_is_enough_for_a_draft(tmp_path: Path) -> None:
    frame = kenya()
    documentation = tmp_path / "kenya.xml"
    documentation.write_text(ddi(frame), encoding="utf-8")
    outcome = describe_survey(documentation)
    assert (outcome.result.format, outcome.result.rows, outcome.result.todo) == ("ddi", 0, ())
    drafted = codebook(outcome.result.codebook)
    assert drafted.instrument == by_hand().instrument
    assert drafted.weights == by_hand().weights


def test_a_bare_text_file_gets_what_can_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "kenya.csv"
    kenya().to_csv(path, index=False)
    result = describe_survey(path).result
    gaps = ("title", "citation", "licence", "consent.agreed", "country.constant", "demographics.education.labels")
    assert result.todo == gaps
    text = fill(result.codebook, agreed='["1"]')
    for code in (0, 1, 2, 3):
        text = fill(text, **{f'"{code}"': "words"})
    with pytest.raises(ConfigError) as caught:
        codebook(fill(text, **OPEN))
    assert "country" in caught.value.report.where
    drafted = codebook(fill(text, **OPEN, constant="KE"))
    assert drafted.item_missing == {"97": "unspecified", "98": "unspecified"}
    assert drafted.instrument == by_hand().instrument
    assert people(path, drafted)


def test_a_draft_is_refused_by_the_names_of_its_gaps(tmp_path: Path) -> None:
    draft = tmp_path / "codebook.yaml"
    describe_survey(write_sav(tmp_path / "kenya.sav", kenya()), draft=draft)
    with pytest.raises(ConfigError) as caught:
        read_codebook(draft)
    assert caught.value.report.where == "title, citation, licence, country"


def test_items_without_a_dimension_are_refused_all_at_once(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    frame = kenya().drop(columns=["q2"]).iloc[:, :12]
    frame.to_csv(path, index=False)
    result = describe_survey(path).result
    assert "items.dimension" in result.todo
    with pytest.raises(ConfigError, match=r"items\[0\]\.dimension.*items\[4\]\.dimension"):
        codebook(result.codebook)


def test_a_survey_that_is_known_needs_no_draft(tmp_path: Path) -> None:
    for made, name in ((ess(60), "ess"), (wvs7(60), "wvs7")):
        path = made.write(tmp_path / f"{name}.sav")
        outcome = describe_survey(path)
        assert outcome.result.known == outcome.result.format == name
        assert outcome.document is None
        assert outcome.result.todo == ()
        assert any(f"`{name}`" in note for note in outcome.result.notes)
        assert codebook(outcome.result.codebook).name == name


def test_the_questionnaire_of_an_unknown_survey_is_found_by_its_number_and_scale(tmp_path: Path) -> None:
    """An ESS file under names that no built-in codebook knows; the answers' words are those of `pvq21`."""
    made = ess(300)
    renamed = {name: f"x{place}" for place, name in enumerate(made.frame) if name.endswith("a") and name != "agea"}
    made = type(made)(
        made.frame.rename(columns=renamed),
        {renamed.get(name, name): labels for name, labels in made.value_labels.items()},
        {renamed.get(name, name): codes for name, codes in made.user_missing.items()},
    )
    path = made.write(tmp_path / "own.sav")
    result = describe_survey(path).result
    assert result.known is None
    assert result.todo == ("title", "citation", "licence", "demographics.education.labels")
    text = fill(result.codebook, **OPEN)
    for code in (1, 2, 3, 4, 5, 6, 7, 55):
        text = fill(text, **{f'"{code}"': "words"})
    drafted = codebook(text)
    assert drafted.framework == "pvq21"
    assert drafted.instrument is not None
    assert drafted.instrument.columns == tuple(renamed.values())
    assert not drafted.instrument.turned
    assert drafted.synthetic
    assert drafted.item_missing == {"66": "not_applicable", "77": "refused", "88": "dont_know", "99": "unspecified"}
    assert drafted.weights.columns() == {"design": "dweight", "post_stratification": "pspwght", "population": "pweight"}
    assert (drafted.psu, drafted.stratum, drafted.country.column) == ("psu", "stratum", "cntry")
    assert len(people(path, drafted)) == 300
    assert drafted.weights.within() == ("post_stratification",)
    assert drafted.weights.across() == ("post_stratification", "population")
    assert "pspwght has the design weight in it" in result.codebook


def test_two_weights_whose_relation_nobody_says_are_a_question(tmp_path: Path) -> None:
    result = describe_survey(write_sav(tmp_path / "kenya.sav", kenya())).result
    _, _, after = result.codebook.partition("# TODO is w_design part of w_post already?")
    assert after
    assert parse_yaml(result.codebook, "draft")["weights"]["within_country"] == ["post_stratification"]
    alone = describe_survey(write_sav(tmp_path / "one.sav", kenya().drop(columns="w_design"))).result
    assert "within_country" not in alone.codebook


@pytest.mark.parametrize("labelled", [False, True])
def test_the_scale_of_scores_is_asked_for_unless_labels_name_its_ends(tmp_path: Path, labelled: bool) -> None:
    """Nobody scores below 2: a scale of 2 to 5 would make every score wrong."""
    names = [one.name for one in load_framework("mfq2").dimensions]
    frame = pd.DataFrame({name: [2.0 + (n + place) % 7 / 2 for n in range(40)] for place, name in enumerate(names)})
    ends: dict[float, str] = {1: "not at all", 5: "extremely"}
    labels = dict.fromkeys(names, ends) if labelled else {}
    pyreadstat.write_sav(frame, str(tmp_path / "scores.sav"), variable_value_labels=labels)
    result = describe_survey(tmp_path / "scores.sav").result
    scales = [one["scale"] for one in parse_yaml(result.codebook, "draft")["items"]]
    if labelled:
        assert [(one["low"], one["high"]) for one in scales] == [(1, 5)] * 6
        assert "items.scale" not in result.todo
    else:
        assert scales == [None] * 6
        assert "items.scale" in result.todo
        assert "e.g. {low: 1, high: 5}; people have 2 to 5" in result.codebook


def test_a_scale_that_only_answers_tell_says_so(tmp_path: Path) -> None:
    pd.DataFrame({f"v{n}": [1 + (place + n) % 4 for place in range(40)] for n in range(1, 5)}).to_csv(
        tmp_path / "own.csv", index=False
    )
    assert "1 to 4 is what was answered" in describe_survey(tmp_path / "own.csv").result.codebook


def test_german_names_are_known(tmp_path: Path) -> None:
    path = tmp_path / "werte.csv"
    rows = range(60)
    frame = pd.DataFrame(
        {
            "Fragebogen_Nr": [900 + n for n in rows],
            "Sprache": [("Deutsch", "Englisch")[n % 2] for n in rows],
            "Geschlecht": [("männlich", "weiblich", "keine Angabe")[n % 3] for n in rows],
            "Alter": [18 + n for n in rows],
            "Gewicht": [0.5 + n / 60 for n in rows],
        }
    )
    frame.to_csv(path, index=False)
    draft = guess(gather(path, None))
    assert draft.id is not None
    assert draft.id.columns == ("Fragebogen_Nr",)
    assert draft.language is not None
    assert dict(draft.language.names) == {"Deutsch": "de", "Englisch": "en"}
    assert {one.name: one.column for one in draft.demographics} == {"gender": "Geschlecht", "age": "Alter"}
    assert [one.column for one in draft.weights.values()] == ["Gewicht"]
    assert (draft.unfit, draft.unknown) == ({}, [])


def test_columns_that_nothing_reads_are_named_and_no_weight_is_not_said_to_be_none(tmp_path: Path) -> None:
    """Finnish is in no list; a weight whose cells are words is none."""
    path = tmp_path / "arvot.csv"
    path.write_text(
        "respid,sukupuoli,paino,weight\n" + "".join(f"{n},{n % 2},0.{n},heavy\n" for n in range(1, 60)),
        encoding="utf-8",
    )
    text = " ".join(describe_survey(path).result.codebook.replace("\n#", "").split())
    assert "No weights were recognised" in text
    assert "Not read, though the names fit, since the cells did not: weight (weight)." in text
    assert "nothing in the file says what they hold: sukupuoli, paino." in text


@pytest.mark.parametrize(("name", "framework"), [("labelled.sav", None), ("bare.csv", None), ("items.dta", "wvs7")])
def test_drafts_read_as_they_did(tmp_path: Path, name: str, framework: str | None) -> None:
    frame = kenya(120)
    path = tmp_path / name
    match path.suffix:
        case ".sav":
            write_sav(path, frame, title="Values in Kenya")
        case ".dta":
            write_dta(path, frame[["respid", "q1", "q2", "county", *frame.columns[8:14]]])
        case _:
            frame.to_csv(path, index=False)
    chosen = load_framework(framework) if framework is not None else None
    text, _ = write_draft(guess(gather(path, None), chosen))
    golden = GOLDEN / f"{path.stem}.yaml"
    assert text == golden.read_text(encoding="utf-8")


def test_a_draft_is_written_whole_and_never_over_another_file(tmp_path: Path) -> None:
    path, draft = write_sav(tmp_path / "kenya.sav", kenya()), tmp_path / "codebook.yaml"
    outcome = describe_survey(path, draft=draft)
    assert outcome.outputs == (str(draft),)
    assert outcome.document is None
    assert describe_survey(path, draft=draft).result.codebook == draft.read_text(encoding="utf-8")
    draft.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        describe_survey(path, draft=draft)
    assert caught.value.report.code == "draft-there"
    assert draft.read_text(encoding="utf-8") == "mine"
    with pytest.raises(InputError, match="a folder"):
        describe_survey(path, draft=tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["codebook.yaml", "kenya.sav"]


def test_a_draft_beside_the_file_does_not_speak_for_it(tmp_path: Path) -> None:
    path = write_sav(tmp_path / "kenya.sav", kenya())
    describe_survey(path, draft=tmp_path / "codebook.yaml")
    assert describe_survey(path).result.todo


def test_no_person_is_shown(tmp_path: Path) -> None:
    frame = kenya(50).assign(name=[f"Wanjiru Otieno{number}" for number in range(50)], phone=range(700000, 700050))
    path = write_sav(tmp_path / "kenya.sav", frame)
    result = describe_survey(path).result
    shown = result.model_dump_json()
    for told in ("What matters to me", "Wanjiru", "700", *map(str, frame["respid"])):
        assert told not in shown
    assert "Left out" in result.codebook
    assert "phone" in result.codebook.split("Left out")[1]


def test_only_the_first_rows_are_looked_at_and_that_is_said(tmp_path: Path) -> None:
    path = write_sav(tmp_path / "kenya.sav", kenya(100))
    result = describe_survey(path, rows=60).result
    assert (result.rows, result.all_rows) == (60, False)
    assert "the first 60 rows" in result.notes[0]
    assert "the first 60 rows" in result.codebook


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("no.sav", None, "survey-missing"),
        ("none.xlsx", b"", "survey-format"),
        ("empty.csv", b"", "survey-empty"),
        ("header.csv", b"id,weight,v1\n", "survey-empty"),
        ("blank.csv", b"id,weight,v1\n,,\n\n", "survey-empty"),
        ("uneven.csv", b"id,weight,v1\n1,2\n3,4\n", "survey-empty"),
        ("broken.sav", b"no", "survey-unreadable"),
        ("broken.xml", b"<codeBook", "ddi-unreadable"),
        ("other.xml", b"<html><body/></html>", "ddi-none"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, data: bytes | None, code: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        describe_survey(tmp_path / name)
    assert caught.value.report.code == code


def test_documentation_of_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "kenya.xml").write_text(ddi(kenya(5)), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        describe_survey(tmp_path / "other.csv", ddi=tmp_path / "kenya.xml")
    assert caught.value.report.code == "ddi-other"


@pytest.mark.parametrize("text", ["a\n1\n", "a,a,,b\n1,2,3,4\n1,2,3,5\n", 'a;b\n"x\ny";2\n'])
def test_odd_files_get_a_draft_too(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(text, encoding="utf-8")
    result = describe_survey(path).result
    assert "items" in result.todo
    assert parse_yaml(result.codebook, "draft")["name"] == "odd"
