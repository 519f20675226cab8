"""The builder's commands over a study: what was drawn and written stays while people come and go."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

from builder.audit import run_audit
from builder.frameworks import load
from builder.generate import preview_questions, run_generate
from builder.profiles.profile import STAGE as PROFILES_STAGE
from builder.run import framework_of, run_import, run_profile, stage_files
from builder.stands import stands
from builder.survey import RESPONDENTS_STAGE, built_in_codebooks
from mvpbench.store.journal import Journal
from mvpbench.store.stage import why_stale
from mvpbench.store.study import Study, init_study, open_study
from mvpbench.store.tables import read_table
from schemas.errors import ConfigError, StudyError
from schemas.identity import uniform
from schemas.questions import Instance, Match, Question
from schemas.survey import Respondent
from schemas.values import ValueProfile
from tests.builder.countries.made import KENYA

pytestmark = pytest.mark.slow

CONFIG = """\
format: 1
name: made
survey: {file: answers.csv}
generate: {recipes: [sides], max_per_couple: 2}
"""
DIMENSIONS = ("care", "equality", "proportionality", "authority", "loyalty", "purity")
HEADER = f"rater_id,Age,Gender,Region,Country,SES,{','.join(DIMENSIONS)}"


def answers(people: Sequence[int]) -> str:
    """People of one country, each with a mind of their own."""
    rows = [[f"p-{one}", "a", "b", "c", "Kenya", "d", *(_answer(one, name) for name in DIMENSIONS)] for one in people]
    return "\n".join([HEADER, *(",".join(row) for row in rows)]) + "\n"


def _answer(person: int, dimension: str) -> str:
    return str(1 + round(4 * uniform("made answer", person, dimension)))


def a_study(root: Path) -> Study:
    codebook = built_in_codebooks()["d3code"].read_text(encoding="utf-8")
    return init_study(root, CONFIG, {"codebook.yaml": codebook, "answers.csv": answers(range(60))})


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return a_study(tmp_path / "study")


def quiet(_line: str) -> None:
    pass


def free(price: str | None) -> None:
    assert price is None


def profiled(study: Study, people: Sequence[int]) -> None:
    (study.root / "answers.csv").write_text(answers(people))
    run_import(study)
    run_profile(study)


def generated(study: Study, people: Sequence[int]) -> dict[str, str]:
    """Return match -> id of its question, a hash of its texts, once these people are the survey."""
    profiled(study, people)
    run_generate(study, quiet, free)
    return {
        pair: question.id for question in read_table(study.tables, "questions", Question) for pair in question.pairs
    }


def reconfigured(study: Study, old: str, new: str) -> Study:
    text = study.config_file.read_text()
    assert old in text
    study.config_file.write_text(text.replace(old, new))
    return open_study(study.root)


def alone(study: Study) -> dict[str, str]:
    rows = read_table(study.tables, "instances", Instance)
    return {one.respondent_id: one.question_id for one in rows if one.pair_id is None}


def test_people_who_come_and_go_change_no_question_but_their_own(study: Study) -> None:
    before = generated(study, range(60))
    fewer = generated(study, range(12, 60))
    standing = {one.id for one in read_table(study.tables, "matches", Match)}
    assert before.keys() & standing
    assert before.keys() - standing
    assert {match: fewer[match] for match in before.keys() & standing} == {
        match: before[match] for match in before.keys() & standing
    }
    more = generated(study, range(80))
    assert {match: more[match] for match in before} == before


def test_what_the_journal_holds_is_what_is_asked(study: Study, tmp_path: Path) -> None:
    """Ids are of content, so a second study of the same people takes up the record of the first, changed by us."""
    generated(study, range(60))
    with Journal(study.journal) as journal:
        key, question = next(iter(journal.questions().items()))
        assert journal.loans() == list(alone(study).items())
        person, lent = journal.loans()[0]
    asked = {one.id: one for one in read_table(study.tables, "questions", Question)}
    another = next(
        one.id
        for one in asked.values()
        if one.id not in {lent, question.id}
        and (one.dimensions, one.split) == (asked[lent].dimensions, asked[lent].split)
    )
    second = a_study(tmp_path / "second")
    with Journal(second.journal) as journal:
        journal.record_questions({key: question.model_copy(update={"id": "q-ours", "text": "Ours?"})})
        journal.record_loans([(person, another)])
    assert generated(second, range(60))[key[0]] == "q-ours"
    assert alone(second)[person] == another


def test_error_probabilities_follow_the_scores_of_today(study: Study) -> None:
    """A scale that is known better makes the same people surer of the same sides: their pairs stand."""
    generated(study, range(60))
    before = {one.id: one for one in read_table(study.tables, "matches", Match)}
    codebook = study.root / "codebook.yaml"
    text = codebook.read_text(encoding="utf-8")
    better = text.replace('mean of six items"}', 'mean of six items", reliability: 0.9, reliability_source: made up}')
    assert better.count("reliability: 0.9") == len(DIMENSIONS)
    codebook.write_text(better, encoding="utf-8")
    generated(study, range(60))
    standing = [one for one in read_table(study.tables, "matches", Match) if one.id in before]
    assert standing
    assert all(one.first.error_probability < before[one.id].first.error_probability for one in standing)
    profiles = read_table(study.tables, "profiles", ValueProfile)
    now = stands(profiles, framework_of(study), study.config.generate.recipes)
    row_of = {respondent: row for row, respondent in enumerate(now.respondents)}
    target_of = {target.dimensions: place for place, target in enumerate(now.targets)}
    for one in read_table(study.tables, "instances", Instance):
        assert one.error_probability == now.error[row_of[one.respondent_id], target_of[one.dimensions]]


def test_a_preview_draws_nothing(study: Study) -> None:
    profiled(study, range(60))
    outcome = preview_questions(study, 3, quiet, free)
    assert outcome.counts == {"questions": 3}
    with Journal(study.journal) as journal:
        assert (journal.matches(), journal.questions(), journal.loans()) == ([], {}, [])
    assert not (study.tables / "matches.parquet").exists()


def test_generating_again_records_nothing_more(study: Study) -> None:
    generated(study, range(60))
    with Journal(study.journal) as journal:
        recorded = (journal.matches(), journal.questions(), journal.loans())
    again = reconfigured(study, "recipes: [sides]", "recipes: [sides], writer: {temperature: 0.1}")
    run_generate(again, quiet, free)
    with Journal(study.journal) as journal:
        assert (journal.matches(), journal.questions(), journal.loans()) == recorded


@pytest.mark.parametrize(
    ("go_on", "table", "command"),
    [
        (run_profile, "surveys", "mvpbench survey import"),
        (lambda study: run_generate(study, quiet, free), "surveys", "mvpbench survey import"),
        (lambda study: preview_questions(study, 1, quiet, free), "surveys", "mvpbench survey import"),
        (lambda study: run_audit(study, quiet, free), "surveys", "mvpbench survey import"),
    ],
    ids=["profile", "generate", "preview", "audit"],
)
def test_no_command_works_on_what_the_survey_no_longer_says(
    study: Study, go_on: Callable[[Study], object], table: str, command: str
) -> None:
    generated(study, range(60))
    (study.root / "answers.csv").write_text(answers(range(59)))
    with pytest.raises(StudyError) as caught:
        go_on(study)
    report = caught.value.report
    assert (report.code, report.subject, report.found) == ("table-stale", f"table {table}", "file answers.csv changed")
    assert report.way_out == f"run `{command}`"


def test_what_was_imported_anew_is_profiled_before_it_is_asked(study: Study) -> None:
    generated(study, range(60))
    (study.root / "answers.csv").write_text(answers(range(59)))
    run_import(study)
    with pytest.raises(StudyError) as caught:
        run_generate(study, quiet, free)
    assert (caught.value.report.code, caught.value.report.subject) == ("table-stale", "table profiles")


def test_the_codebook_decides_what_reaches_an_api_and_so_what_is_asked(study: Study) -> None:
    assert stage_files(study, "questions")["codebook"] == study.root / "codebook.yaml"


@pytest.mark.parametrize(("code", "told"), [("Kenya", "alpha-2"), ("ke", "alpha-2"), ("ZM", "from where nobody")])
def test_a_domain_that_nobody_is_of_is_refused(study: Study, code: str, told: str) -> None:
    text = yaml.safe_load(study.config_file.read_text()) | {"profile": {"out_of_domain": [code]}}
    study.config_file.write_text(yaml.safe_dump(text))
    run_import(study)
    with pytest.raises(ConfigError) as caught:
        run_profile(open_study(study.root))
    report = caught.value.report
    assert (report.code, report.where) == ("domain-unknown", "profile.out_of_domain")
    assert repr(code) in str(caught.value)
    assert told in str(caught.value)


def test_a_countrys_pack_makes_demographics_coarser_and_only_its_rules_make_people_stale(study: Study) -> None:
    run_import(study)
    assert {person.demographics.known["gender"] for person in people_of(study)} == {"b"}
    file = study.root / "countries" / "KE" / "country.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(yaml.safe_dump(KENYA | {"generalise": {"gender": {"drop": True}}}))
    assert why_stale(study, RESPONDENTS_STAGE, stage_files(study, "respondents")) == (
        "rule on gender of the country pack KE is new",
    )
    run_import(study)
    assert all("gender" not in person.demographics.known for person in people_of(study))
    assert {person.demographics.known["age"] for person in people_of(study)} == {"a"}
    file.write_text(yaml.safe_dump(KENYA | {"generalise": {"gender": {"drop": True}}, "card": "Other words."}))
    assert why_stale(study, RESPONDENTS_STAGE, stage_files(study, "respondents")) == ()


def people_of(study: Study) -> list[Respondent]:
    return read_table(study.tables, "respondents", Respondent)


def test_a_studys_own_framework_goes_before_a_built_in_one(study: Study) -> None:
    """Profiles are made by it and stale when it changes; the template writer says that it has no scenarios for it."""
    built_in = (Path(load.__file__).parent / "mfq2.yaml").read_text(encoding="utf-8")
    own = study.root / "frameworks" / "mine.yaml"
    own.parent.mkdir()
    own.write_text(built_in.replace("framework: mfq2", "framework: mine"), encoding="utf-8")
    codebook = study.root / "codebook.yaml"
    codebook.write_text(codebook.read_text(encoding="utf-8").replace("framework: mfq2", "framework: mine"))
    run_import(study)
    run_profile(study)
    assert {row.framework for row in read_table(study.tables, "profiles", ValueProfile)} == {"mine"}
    assert framework_of(study).framework == "mine"
    with pytest.raises(ConfigError) as caught:
        run_generate(study, quiet, free)
    assert caught.value.report.code == "bank-missing"
    own.write_text(own.read_text(encoding="utf-8").replace("title: Care", "title: Tenderness"), encoding="utf-8")
    assert why_stale(study, PROFILES_STAGE, stage_files(study, "profiles")) == ("file framework changed",)
    own.write_text(built_in, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        run_profile(study)
    assert caught.value.report.code == "framework-misnamed"
