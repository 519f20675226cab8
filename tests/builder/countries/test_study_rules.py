"""The rules about a country in a study: each by numbers made for it."""

from dataclasses import replace
from pathlib import Path

import pytest

from builder.countries.rules import Subject, violations
from builder.countries.study_rules import STUDY_RULES
from schemas.readiness import PilotResult, SideCount
from schemas.values import Split
from tests.builder.countries.made import made_config, made_numbers, made_subject

PILOT = PilotResult(
    code="KE", asked=50, questions=50, by_recipe={"sides": 50}, dropped={}, writer="template", languages=("en",)
)


@pytest.fixture
def enough(tmp_path: Path) -> Subject:
    """Kenya, a large community (100 people, 80 pairs, 50 questions read), with all of it."""
    return replace(made_subject(tmp_path / "KE"), study=made_config(), numbers=made_numbers(), pilot=PILOT)


def found(subject: Subject) -> dict[str, str]:
    return {one.code: one.found for one in violations(subject, STUDY_RULES)}


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
        ({"pairs": 0, "pairable": 0}, "nobody-opposed", "nobody who finds a counterpart, of 400 people"),
        (
            {"sides": [SideCount(dimension="care", split=Split.TEST, high=9, low=0)]},
            "side-empty",
            "care 9 high and 0 low",
        ),
        ({"sides": [SideCount(dimension="care", split=Split.TRAIN, high=9, low=0)]}, None, ""),
        ({"languages": {"en-KE": 400}}, None, ""),
    ],
)
def test_a_shortage_is_found(enough: Subject, changed: dict[str, object], code: str | None, told: str) -> None:
    assert found(replace(enough, numbers=made_numbers(**changed))) == ({code: told} if code else {})


def test_small_communities_need_fewer_people(enough: Subject, tmp_path: Path) -> None:
    small = made_subject(tmp_path / "KE", community={"size": 400_000, "source": "a census"})
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


def test_a_pilot_that_is_missing_or_too_small(enough: Subject) -> None:
    assert found(replace(enough, pilot=None)) == {"pilot-missing": "no pilot"}
    few = PILOT.model_copy(update={"questions": 10})
    (one,) = violations(replace(enough, pilot=few), STUDY_RULES)
    assert (one.found, one.way_out) == (
        "a pilot of 10 questions",
        "run `mvpbench country pilot KE --n 50` and have the questions read",
    )
    # More than there are pairs cannot be asked.
    assert "pilot-missing" not in found(replace(enough, pilot=few, numbers=made_numbers(pairs=10)))
