"""The tables that tasks are made of, read and found to belong together."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from annotation.sample.material import Material
from annotation.slots import group_of
from annotation.tasks.words import rater_words
from builder.frameworks import framework_path, framework_words, load_framework, words_files
from builder.profiles.plain import plain_aspect, plain_language, plain_profile
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.country import ComprehensionItem
from schemas.errors import StudyError
from schemas.questions import Instance, Question
from schemas.survey import Survey
from schemas.values import ValueFramework, ValueProfile


def framework_name(study: Study) -> str:
    """Return the name of the study's value framework."""
    return read_table(study.tables, "surveys", Survey)[0].framework


def plain_files(study: Study) -> dict[str, Path]:
    """Return the files in which the framework and its plain words stand, by names: tasks change with them."""
    name = framework_name(study)
    return {"framework": framework_path(name, study.root)} | words_files(name, study.root)


def profiles_in(study: Study, language: str) -> str:
    """Return the language in which raters of `language` read profiles and sides: its own, or English."""
    return plain_language(load_framework(framework_name(study), study.root), language, study.root)


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
    in_words = cache(lambda language: framework_words(framework, language, study.root))
    plain: dict[tuple[str, str], str] = {}
    for one in instances.values():
        person = (one.respondent_id, one.language)
        if person not in plain:
            plain[person] = plain_profile(profiles[one.respondent_id], framework, in_words(one.language))
    asked = [questions[name] for name in {one.question_id for one in instances.values()}]
    return Material(
        instances=instances,
        questions=questions,
        profiles={one.id: plain[one.respondent_id, one.language] for one in instances.values()},
        aspects={one.id: plain_aspect(one, in_words(one.language)) for one in asked},
        comprehension={
            group: _dressed(rater_words(group, study.root).comprehension, framework, group.language, study.root)
            for group in {group_of(one) for one in instances.values()}
        },
    )


def _dressed(
    items: Iterable[ComprehensionItem], framework: ValueFramework, language: str, root: Path
) -> tuple[ComprehensionItem, ...]:
    """The items with their made-up people told in the form of a profile."""
    words = framework_words(framework, language, root)
    title = words.common.title.format(domain=words.domain)
    return tuple(
        one.model_copy(update={"person": "\n".join([title, "", *(f"– {part}" for part in _sentences(one.person))])})
        for one in items
    )


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<=[.!?。！？।؟])\s*", text) if part.strip()]
