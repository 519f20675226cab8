"""The builder's commands over a study: each reads tables, calls one stage after another, and says what came of it."""

from collections.abc import Callable, Mapping
from pathlib import Path

from builder.build import (
    INSTANCES_STAGE,
    MATCHES_STAGE,
    QUESTIONS_STAGE,
    make_instances,
    make_matches,
    make_questions,
    orders_of,
)
from builder.frameworks import framework_path, load_framework
from builder.preview import in_words, spread
from builder.profile import STAGE as PROFILES_STAGE
from builder.profile import profile
from builder.survey import FORMATS, RESPONDENTS_STAGE, SURVEYS_STAGE, import_survey, read_codebook
from builder.writers import Writer, open_writer, writer_files
from mvpbench.store.journal import Journal
from mvpbench.store.stage import Produced, run_stage
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import TableInfo, read_table
from schemas.questions import Match, Question
from schemas.results import Nothing, Outcome
from schemas.survey import Codebook, Respondent, Survey
from schemas.values import ValueFramework, ValueProfile

Say = Callable[[str], None]


def codebook_of(study: Study) -> Codebook:
    """Return the study's codebook. Raises ConfigError as `read_codebook` does."""
    return read_codebook(study.root / study.config.survey.codebook)


def survey_of(study: Study) -> Survey:
    """Return the imported survey's facts. Raises StudyError `table-missing` before `survey import`."""
    return read_table(study.tables, "surveys", Survey)[0]


def framework_of(study: Study) -> ValueFramework:
    """Return the value framework that the study's codebook names."""
    return load_framework(survey_of(study).framework)


def stage_files(study: Study, table: str) -> Mapping[str, Path]:
    """Return the files on which a table depends beside other tables, by their names in its fingerprint."""
    codebook_path = study.root / study.config.survey.codebook
    if table in {"surveys", "respondents"}:
        codebook = read_codebook(codebook_path)
        files = FORMATS[codebook.format].files(survey_path(study))
        return {"codebook": codebook_path} | {path.name: path for path in files}
    framework = {"framework": framework_path(read_codebook(codebook_path).framework)}
    if table == "questions":
        return {**framework, **writer_files(study.config.generate.writer, read_codebook(codebook_path).framework)}
    return framework


def survey_path(study: Study) -> Path:
    """Return the survey file; relative paths in study.yaml start at the study."""
    return study.root / study.config.survey.file


def run_import(study: Study) -> Outcome[Nothing]:
    """`survey import`: write the tables `surveys` and `respondents`."""
    codebook = codebook_of(study)
    made: list[tuple[Survey, Produced[Respondent]]] = []

    def once() -> tuple[Survey, Produced[Respondent]]:
        if not made:
            made.append(import_survey(survey_path(study), codebook))
        return made[0]

    with locked(study):
        files = stage_files(study, "surveys")
        run_stage(study, SURVEYS_STAGE, files, lambda: Produced(rows=[once()[0]]))
        info = run_stage(study, RESPONDENTS_STAGE, files, lambda: once()[1])
    return _outcome([info], next_step="mvpbench profile", summary=_synthetic(codebook.synthetic))


def run_profile(study: Study) -> Outcome[Nothing]:
    """`profile`: write the table `profiles`."""
    with locked(study):
        survey, framework = survey_of(study), framework_of(study)
        info = run_stage(
            study,
            PROFILES_STAGE,
            stage_files(study, "profiles"),
            lambda: profile(
                survey, read_table(study.tables, "respondents", Respondent), framework, study.config.profile
            ),
        )
    return _outcome([info], next_step="mvpbench generate", summary=_synthetic(survey.synthetic))


def run_generate(study: Study, say: Say, confirm: Callable[[str | None], None]) -> Outcome[Nothing]:
    """`generate`: write the tables `matches`, `questions` and `instances`.

    `confirm` is called with what is about to be spent before a writer that costs money is used; it raises to stop.
    """
    section = study.config.generate
    with locked(study), Journal(study.journal) as journal:
        survey, framework = survey_of(study), framework_of(study)
        respondents = read_table(study.tables, "respondents", Respondent)
        profiles = read_table(study.tables, "profiles", ValueProfile)
        matches_info = run_stage(
            study,
            MATCHES_STAGE,
            stage_files(study, "matches"),
            lambda: make_matches(respondents, profiles, framework, section, journal),
        )
        matches = read_table(study.tables, "matches", Match)
        concerns = [text.name for text in codebook_of(study).free_text if text.to_api]
        orders = orders_of(matches, respondents, concerns)

        def write() -> Produced[Question]:
            writer: Writer = open_writer(section.writer, framework, journal)
            confirm(writer.price(orders))
            return make_questions(orders, writer, say)

        questions_info = run_stage(study, QUESTIONS_STAGE, stage_files(study, "questions"), write)
        instances_info = run_stage(
            study,
            INSTANCES_STAGE,
            stage_files(study, "instances"),
            lambda: make_instances(
                profiles, matches, read_table(study.tables, "questions", Question), framework, section
            ),
        )
    infos = [matches_info, questions_info, instances_info]
    return _outcome(infos, next_step="mvpbench audit", summary=_synthetic(survey.synthetic))


def preview_questions(study: Study, count: int, say: Say, confirm: Callable[[str | None], None]) -> Outcome[Nothing]:
    """`generate --preview N`: have the first questions written and show them; no table is touched.

    A writer that costs money is paid, once: the calls are journaled and `generate` uses them again.
    """
    section = study.config.generate
    with locked(study), Journal(study.journal) as journal:
        framework = framework_of(study)
        respondents = read_table(study.tables, "respondents", Respondent)
        profiles = read_table(study.tables, "profiles", ValueProfile)
        matches = make_matches(respondents, profiles, framework, section, journal).rows
        concerns = [text.name for text in codebook_of(study).free_text if text.to_api]
        orders = orders_of(spread(matches, count), respondents, concerns)
        writer = open_writer(section.writer, framework, journal)
        confirm(writer.price(orders))
        questions = make_questions(orders, writer, say).rows
    lines = [line for question in questions for line in in_words(question)]
    return Outcome(result=Nothing(), counts={"questions": len(questions)}, summary=tuple(lines))


def _outcome(infos: list[TableInfo], *, next_step: str, summary: tuple[str, ...]) -> Outcome[Nothing]:
    counts: dict[str, int] = {}
    dropped: dict[str, int] = {}
    for info in infos:
        counts |= info.counts
        for reason, count in info.dropped.items():
            dropped[reason] = dropped.get(reason, 0) + count
    return Outcome(
        result=Nothing(),
        counts=counts,
        dropped=dropped,
        outputs=tuple(f"tables/{info.table}.parquet" for info in infos),
        summary=summary,
        next_step=next_step,
    )


def _synthetic(synthetic: bool) -> tuple[str, ...]:
    return ("SYNTHETIC: these people are made up; nothing here is about anybody.",) if synthetic else ()
