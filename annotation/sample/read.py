"""The tables that tasks are made of, read and found to belong together."""

from annotation.sample.material import Material
from annotation.slots import group_of
from annotation.tasks.item import asked_side
from annotation.tasks.words import rater_words
from builder.frameworks import load_framework
from builder.profiles.plain import plain_profile
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.errors import StudyError
from schemas.questions import Instance, Question
from schemas.survey import Survey
from schemas.values import ValueFramework, ValueProfile


def framework_name(study: Study) -> str:
    """Return the name of the study's value framework."""
    return read_table(study.tables, "surveys", Survey)[0].framework


def read_material(study: Study) -> Material:
    """Return what tasks are made of.

    Raises:
        StudyError: `table-missing` and its like; `tables-disagree` where an instance's question or person is gone.
        ConfigError: a country pack or a file of strings does not fit.
    """
    framework = load_framework(framework_name(study), study.root)
    profiles = {one.respondent_id: one for one in read_table(study.tables, "profiles", ValueProfile)}
    questions = {one.id: one for one in read_table(study.tables, "questions", Question)}
    instances = {one.id: one for one in read_table(study.tables, "instances", Instance)}
    for one in instances.values():
        if one.question_id not in questions or one.respondent_id not in profiles:
            raise StudyError(
                "tables-disagree",
                f"instance {one.id}",
                found=f"question {one.question_id}, respondent {one.respondent_id}",
                expected="both in the study's tables",
                way_out="run `mvpbench profile`, then `mvpbench generate`",
            )
    plain: dict[str, str] = {}
    for one in instances.values():
        if one.respondent_id not in plain:
            plain[one.respondent_id] = plain_profile(profiles[one.respondent_id], framework)
    asked = {one.question_id for one in instances.values()}
    return Material(
        instances=instances,
        questions=questions,
        profiles={one.id: plain[one.respondent_id] for one in instances.values()},
        aspects={name: aspect_of(questions[name], framework) for name in asked},
        comprehension={
            group: rater_words(group, study.root).comprehension
            for group in {group_of(one) for one in instances.values()}
        },
    )


def aspect_of(question: Question, framework: ValueFramework) -> str:
    """Return the side asked for in the item task, in plain words."""
    return framework.dimension(asked_side(question).partition(":")[0]).high
