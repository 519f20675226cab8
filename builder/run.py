"""The builder's commands over a study: each reads tables, calls one stage after another, and says what came of it."""

from collections.abc import Callable, Mapping
from pathlib import Path

from builder.build import INSTANCES_STAGE, MATCHES_STAGE, QUESTIONS_STAGE
from builder.countries.generalise import generaliser, rules_of
from builder.countries.prompts import prompt_texts
from builder.frameworks import framework_path, load_framework
from builder.profiles.profile import STAGE as PROFILES_STAGE
from builder.profiles.profile import profile
from builder.readers import judge_files
from builder.survey import FORMATS, RESPONDENTS_STAGE, SURVEYS_STAGE, import_survey, read_codebook
from builder.writers import bank_files, writer_files
from mvpbench.store.fingerprint import canonical_json
from mvpbench.store.stage import Outside, Produced, Stage, Streamed, require_fresh, run_stage
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import TableInfo, read_table, stream_table
from schemas.codebook import Codebook
from schemas.errors import ConfigError
from schemas.results import Nothing, Outcome
from schemas.survey import Respondent, Survey
from schemas.values import ValueFramework

Say = Callable[[str], None]

PIPELINE: tuple[Stage, ...] = (
    SURVEYS_STAGE,
    RESPONDENTS_STAGE,
    PROFILES_STAGE,
    MATCHES_STAGE,
    QUESTIONS_STAGE,
    INSTANCES_STAGE,
)
"""The builder's tables in the order in which they are made."""


def codebook_of(study: Study) -> Codebook:
    """Return the study's codebook. Raises ConfigError as `read_codebook` does."""
    return read_codebook(study.locate(study.config.survey.codebook))


def survey_of(study: Study) -> Survey:
    """Return the imported survey's facts. Raises StudyError `table-missing` before `survey import`."""
    return read_table(study.tables, "surveys", Survey)[0]


def framework_of(study: Study) -> ValueFramework:
    """Return the value framework that the study's codebook names."""
    return load_framework(survey_of(study).framework, study.root)


def _survey_file(study: Study) -> Path:
    section = study.config.survey
    if section.file is None:
        raise ConfigError(
            "survey-unnamed",
            "survey file",
            where=f"{study.config_file}, survey.file",
            found="nothing",
            expected="the path of a survey file or folder",
            way_out=f"write `file: <path>` there, and its codebook into {section.codebook} (`mvpbench schema codebook` "
            "describes it); `mvpbench init DIR --survey FILE` does both where a built-in codebook fits",
        )
    return study.locate(section.file)


def stage_files(study: Study, table: str) -> Mapping[str, Outside]:
    """Return the files on which a table depends beside other tables, by their names in its fingerprint."""
    codebook_path = study.locate(study.config.survey.codebook)
    codebook = read_codebook(codebook_path)
    name = codebook.framework
    if table in {"surveys", "respondents"}:
        files = {path.name: path for path in FORMATS[codebook.format].files(_survey_file(study))}
        # Without a questionnaire the framework says nothing about how answers are read.
        printed = {"framework": framework_path(name, study.root)} if codebook.instrument else {}
        # The rules alone: the rest of a pack says nothing of the people.
        coarser = {
            f"rule on {name} of the country pack {code}": canonical_json(rule)
            for code, pack in rules_of(study.root).items()
            for name, rule in pack.generalise.items()
        }
        return {"codebook": codebook_path} | printed | files | coarser
    framework = {"framework": framework_path(name, study.root)}
    if table == "questions":
        # The codebook says which free texts may reach an API.
        writer: dict[str, Outside] = {**writer_files(study.config.generate.writer, name)}
        if study.config.generate.judge is not None:
            writer |= judge_files()
        return {**framework, "codebook": codebook_path, **writer, **prompt_texts(study.root)}
    return framework


def require_fresh_until(study: Study, last: str) -> None:
    """Refuse to go on where one of the builder's tables up to `last` is missing or not what would be made now.

    Raises StudyError `table-missing` or `table-stale` for the first of them, naming the command that makes it; and as
    `stage_files` does.
    """
    for stage in PIPELINE:
        require_fresh(study, stage, stage_files(study, stage.table))
        if stage.table == last:
            return


def run_import(study: Study) -> Outcome[Nothing]:
    """`survey import`: write the tables `surveys` and `respondents`. Raises ConfigError `survey-unnamed`."""
    file, codebook = _survey_file(study), codebook_of(study)
    made: list[tuple[Survey, Streamed[Respondent]]] = []

    def once() -> tuple[Survey, Streamed[Respondent]]:
        if not made:
            framework = load_framework(codebook.framework, study.root)
            coarser = generaliser(rules_of(study.root))
            made.append(import_survey(file, codebook, framework, study.config.survey.country, coarser))
        return made[0]

    with locked(study):
        files = stage_files(study, "surveys")
        # The people first: they are a stream, and what is wrong with the file as a whole may show at its end.
        info = run_stage(study, RESPONDENTS_STAGE, files, lambda: once()[1])
        run_stage(study, SURVEYS_STAGE, files, lambda: Produced(rows=[once()[0]]))
    return outcome_of([info], next_step="mvpbench profile", summary=synthetic_note(codebook.synthetic))


def run_profile(study: Study) -> Outcome[Nothing]:
    """`profile`: write the table `profiles`. Raises as `require_fresh_until` does."""
    with locked(study):
        require_fresh_until(study, "respondents")
        survey, framework = survey_of(study), framework_of(study)
        info = run_stage(
            study,
            PROFILES_STAGE,
            stage_files(study, "profiles"),
            lambda: profile(
                survey, stream_table(study.tables, "respondents", Respondent), framework, study.config.profile
            ),
        )
    notes = (*synthetic_note(survey.synthetic), *_ground(study, survey), *_unwritten(study, framework))
    return outcome_of([info], next_step="mvpbench generate", summary=notes)


def _unwritten(study: Study, framework: ValueFramework) -> tuple[str, ...]:
    """A word in time where the template writer has no scenarios for the framework."""
    if study.config.generate.writer.kind != "template" or bank_files(framework.framework):
        return ()
    return (
        f"the template writer has no scenarios for {framework.framework}: `generate` needs a model, "
        "`generate.writer: {kind: openai, ...}` in study.yaml",
    )


def _ground(study: Study, survey: Survey) -> tuple[str, ...]:
    """A reminder where real people's values are held and the study does not say on what ground."""
    if survey.synthetic or study.config.profile.ground:
        return ()
    return ("on what ground are these values held? they can be special-category data (GDPR Art. 9): profile.ground",)


def outcome_of(infos: list[TableInfo], *, next_step: str, summary: tuple[str, ...]) -> Outcome[Nothing]:
    """Return what came of stages: their counts and drops added up, their tables as outputs."""
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


def synthetic_note(synthetic: bool) -> tuple[str, ...]:
    """Return the line that says so where people are made up."""
    return ("SYNTHETIC: these people are made up; nothing here is about anybody.",) if synthetic else ()
