"""Labels in eight languages."""

import pytest

from builder.survey.draft.words import LONG_LABEL, affirms_first, match, missing_label, name_parts, words
from schemas.codebook import Missing


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Refused", "refused"),
        ("Prefer not to answer", "refused"),
        ("Don't know", "dont_know"),
        ("Don’t Know", "dont_know"),
        ("DK", "dont_know"),
        ("Not applicable", "not_applicable"),
        ("Not asked in this country", "not_asked"),
        ("No answer", "unspecified"),
        ("Missing; Not available", "unspecified"),
        ("Don't know / refused", "unspecified"),
        ("No sabe", "dont_know"),
        ("Prefiero no contestar", "refused"),
        ("No aplica", "not_applicable"),
        ("No contesta", "unspecified"),
        ("NS/NC", "unspecified"),
        ("Não sabe", "dont_know"),
        ("Recusou", "refused"),
        ("Não se aplica", "not_applicable"),
        ("Não respondeu", "unspecified"),
        ("Ne sait pas", "dont_know"),
        ("Refus", "refused"),
        ("Sans objet", "not_applicable"),
        ("Sans réponse", "unspecified"),
        ("لا أعرف", "dont_know"),
        ("رفض الإجابة", "refused"),
        ("لا ينطبق", "not_applicable"),
        ("पता नहीं", "dont_know"),
        ("लागू नहीं", "not_applicable"),
        ("Sijui", "dont_know"),
        ("Amekataa kujibu", "refused"),
        ("Haihusiki", "not_applicable"),
        ("不知道", "dont_know"),
        ("拒绝回答", "refused"),
        ("不适用", "not_applicable"),
        ("", None),
        ("None", None),
        ("Does not describe me at all", None),
        ("Not at all important", None),
        ("Never", None),
        ("No", None),
        ("No se identifica", None),
        ("Disagree", None),
        ("Refused " + "x" * LONG_LABEL, None),
    ],
)
def test_labels_of_missing_answers(label: str, kind: str | None) -> None:
    assert missing_label(label) == (Missing(kind) if kind else None)


def test_every_kind_and_role_has_words() -> None:
    assert set(words().missing) == set(Missing) - {Missing.BLANK}
    assert all(known.names and known.phrases for known in words().roles.values())


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("W_Weight2", ("w", "weight", "2")),
        ("ageYears", ("age", "years")),
        ("q1", ("q", "1")),
        ("grp/age", ("grp", "age")),
    ],
)
def test_parts_of_names(name: str, parts: tuple[str, ...]) -> None:
    assert name_parts(name) == parts


def test_the_whole_name_fits_better_than_a_part_and_a_part_better_than_a_label() -> None:
    scores = [
        match("age", name, label).score for name, label in (("AGE", ""), ("q_age", ""), ("q2", "Age"), ("page", ""))
    ]
    assert scores == [3, 2, 1, 0]


def test_the_smallest_number_that_affirms() -> None:
    assert affirms_first({"1": "Strongly agree", "5": "Strongly disagree"}) == "Strongly agree"
    assert affirms_first({"1": "Muy importante", "2": "Nada importante"}) == "Muy importante"
    assert affirms_first({"1": "Strongly disagree", "5": "Strongly agree"}) is None
    assert affirms_first({}) is None
