"""The rules about a country in a study: each by numbers made for it."""

from dataclasses import replace
from pathlib import Path

import pytest

from builder.countries.pilot_rules import PILOT_RULES, pilot_step
from builder.countries.rules import Subject, violations
from builder.countries.study_rules import STUDY_RULES
from builder.countries.writable import MODEL
from schemas.readiness import PilotResult, Severity, SideCount
from schemas.values import Split
from tests.builder.countries.made import made_config, made_numbers, made_subject

PILOT = PilotResult(
    code="KE", asked=50, questions=50, by_recipe={"sides": 50}, dropped={}, writer="template", languages=("en",)
)

RULES = {**STUDY_RULES, **PILOT_RULES}
READ: dict[str, object] = {"read_by": ["two teachers"], "found": "nothing odd"}
COMMAND = "mvpbench country pilot KE --n 50"


@pytest.fixture
def enough(tmp_path: Path) -> Subject:
    """Kenya, a large community (100 people, 80 pairs, 50 questions read), with all of it."""
    return replace(made_subject(tmp_path / "KE", pilot=READ), study=made_config(), numbers=made_numbers(), pilot=PILOT)


def found(subject: Subject) -> dict[str, str]:
    return {one.code: one.found for one in violations(subject, RULES)}


def test_a_country_with_enough_of_everything_breaks_no_rule(enough: Subject) -> None:
    assert found(enough) == {}


def test_without_a_study_nothing_is_found(enough: Subject) -> None:
    assert found(replace(enough, study=None, numbers=None, pilot=None)) == {}


def test_before_profiles_only_people_are_looked_at(enough: Subject) -> None:
    numbers = made_numbers(profiles=None, sides=(), pairable=None, pairs=None, respondents=99)
    assert found(replace(enough, numbers=numbers, pilot=None)) == {"respondents-too-few": "99 people"}


@pytest.mark.parametrize(
    ("changed", "code", "told"),
    [
        ({"profiles": 99}, "respondents-too-few", "99 people with a profile"),
        ({"languages": {"en": 390, "luo": 10}}, "language-not-in-pack", "10 people of luo"),
        ({"synthetic": True}, "people-synthetic", "made-up people"),
        ({"known": {"gender": 400}}, "generalise-unknown", "no such demographic"),
        (
            {"rare": {"town": ("Lamu", "a\u202eb", "c" * 50, "d")}},
            "rare-value",
            f"4 of its values shared by fewer than 5 people: Lamu, a b, {'c' * 40}... ...",
        ),
        ({"pairs": 79}, "pairs-too-few", "at most 79 pairs"),
        (
            {"pairs": 60, "unwritten": 40},
            "pairs-too-few",
            "at most 60 pairs, and 40 for which the writer does not write in the language",
        ),
        ({"pairs": 0, "pairable": 0}, "nobody-opposed", "nobody who finds a counterpart, of 400 people"),
        (
            {"sides": [SideCount(dimension="care", split=Split.TEST, high=9, low=0)]},
            "side-empty",
            "care 9 high and 0 low",
        ),
        ({"sides": [SideCount(dimension="care", split=Split.TRAIN, high=9, low=0)]}, None, ""),
        ({"languages": {"en-KE": 400}}, None, ""),
        (
            {"profile_words": {"en": ()}},
            "profile-words-missing",
            "none in Swahili (sw): profiles are shown in English",
        ),
        (
            {"profile_words": {"sw": ("machine draft, 2026-11",), "en": ()}},
            "profile-words-unchecked",
            "Swahili (sw) by nobody (machine draft, 2026-11)",
        ),
        ({"profile_words": {"sw": (), "en": ()}}, None, ""),
    ],
)
def test_a_shortage_is_found(enough: Subject, changed: dict[str, object], code: str | None, told: str) -> None:
    assert found(replace(enough, numbers=made_numbers(**changed))) == ({code: told} if code else {})


def test_small_communities_need_fewer_people(enough: Subject, tmp_path: Path) -> None:
    small = made_subject(tmp_path / "KE", community={"size": 400_000, "source": "a census"}, pilot=READ)
    numbers = made_numbers(profiles=30, pairs=20)
    assert found(replace(small, study=made_config(), numbers=numbers, pilot=PILOT)) == {}
    assert set(found(replace(enough, numbers=numbers))) == {"respondents-too-few", "pairs-too-few"}


def test_without_a_size_no_number_is_required(tmp_path: Path) -> None:
    subject = made_subject(tmp_path / "KE", community={"size": None})
    assert found(replace(subject, study=made_config(), numbers=made_numbers(profiles=1, pairs=1))) == {}


def test_a_domain_that_study_yaml_does_not_know(enough: Subject) -> None:
    out = made_config(profile={"out_of_domain": ["KE"]})
    assert found(replace(enough, study=out)) == {"domain-differs": "in, and out in study.yaml (profile.out_of_domain)"}


def test_the_template_writer_has_nothing_for_other_languages(enough: Subject) -> None:
    template = made_config(generate={"writer": {"kind": "template"}})
    assert found(replace(enough, study=template)) == {}
    numbers = made_numbers(languages={"sw": 300, "en": 100})
    assert found(replace(enough, study=template, numbers=numbers)) == {
        "writer-language": "the template writer, and people: 300 of sw"
    }


def test_a_writer_that_does_not_know_the_framework(enough: Subject) -> None:
    subject = replace(enough, pilot=None, numbers=made_numbers(pairs=0, unwritten=200, writer_knows=False))
    ways = {one.code: one.way_out for one in violations(subject, RULES)}
    assert set(ways) == {"writer-framework", "pairs-too-few", "pilot-missing"}
    assert all(way.startswith(MODEL) for way in ways.values())


def test_a_pilot_that_is_missing_or_too_small(enough: Subject) -> None:
    assert found(replace(enough, pilot=None)) == {"pilot-missing": "no pilot"}
    few = PILOT.model_copy(update={"asked": 10, "questions": 10})
    (one,) = violations(replace(enough, pilot=few), RULES)
    assert (one.found, one.way_out) == ("a pilot of 10 questions", f"run `{COMMAND}` and have the questions read")
    # More than there are pairs cannot be asked.
    assert "pilot-missing" not in found(replace(enough, pilot=few, numbers=made_numbers(pairs=10)))


def test_a_pilot_is_not_asked_for_again_where_it_would_give_the_same(enough: Subject) -> None:
    template = made_config(generate={"writer": {"kind": "template"}})
    half = PILOT.model_copy(update={"questions": 32, "dropped": {"language-unavailable": 18}})
    told = replace(enough, study=template, pilot=half)
    assert pilot_step(told) == f"{MODEL}: the template writer has nothing for 18 of 50 questions; then `{COMMAND}`"
    assert found(told)["pilot-missing"] == "a pilot of 32 questions"
    # Nor for the first time where all are asked in another language.
    nothing = replace(enough, study=template, pilot=None, numbers=made_numbers(pairs=0, unwritten=200))
    assert pilot_step(nothing) == f"{MODEL}: the template writer has nothing for 200 pairs; then `{COMMAND}`"
    # With a model set since, the pilot again gives more.
    assert pilot_step(replace(enough, pilot=half)) == COMMAND
    # There were no more pairs, or a model failed at some: nothing more to do.
    for dropped in ({}, {"refused": 18}):
        pilot = half.model_copy(update={"dropped": dropped})
        assert found(replace(enough, pilot=pilot)) == {}


@pytest.mark.parametrize("pilot", [{}, {"read_by": [" "]}, {"found": "nothing"}])
def test_a_pilot_that_nobody_said_to_have_read(enough: Subject, tmp_path: Path, pilot: dict[str, object]) -> None:
    unread = replace(enough, found=made_subject(tmp_path / "KE", pilot=pilot).found)
    assert found(unread) == {"pilot-unread": "50 questions written, and nobody has said that they read them"}
    (one,) = violations(unread, RULES, recruiting=True)
    assert one.severity is Severity.ERROR
    assert found(replace(unread, pilot=None)) == {"pilot-missing": "no pilot"}
