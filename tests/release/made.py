"""A small made-up study to release: pairs in Kenya (in domain) and Japan (out), and one person with no counterpart."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from annotation.declare import Waiver, declarations, declare
from annotation.labels import label_instances
from builder.audit import AUDIT_VERSION
from mvpbench.store.atomic import write_atomic
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study, init_study
from mvpbench.store.tables import read_table, require_info
from schemas.annotation import Annotation, AnnotatorKind, Assignment, Declaration, Purpose, TaskKind, Vote
from schemas.evaluation import Ablation, EvalResult, Headline, Stage
from schemas.identity import content_id
from schemas.labels import Label
from schemas.questions import Answer, Dropped, Instance, Question, Recipe, Scope, WriterStamp
from schemas.results import AuditCheck, AuditResult, Baseline, CheckOutcome
from schemas.survey import Demographics, Respondent, Survey
from schemas.values import DimensionScore, Domain, Level, Split, ValueProfile
from tests.fresh import SURVEY_FILES, write_fresh

STUDY_YAML = """\
format: 1
name: made-up
survey: {file: none.csv}
release: {name: made-up-values, min_units: 4}
"""
PAIRS = 4
CLOCK: Callable[[], datetime] = lambda: datetime(2026, 3, 1, 9, 30, tzinfo=UTC)  # noqa: E731
SECRET = "SOURCE-ID-OF-"
WORDS = "my own words, never to be published"
SIDES = ("care:high", "care:low")


def silent(_line: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Made:
    """How a made-up study departs from the usual one."""

    pairs: int = PAIRS
    research: bool = False
    """People of a survey, another writer than the template, human ratings."""
    redistribute: bool = True
    licence: str = "CC-BY-4.0"
    region: str | None = None
    text: str = ""
    """Put behind every text that a person or a model wrote."""


def made_question(number: int, made: Made) -> Question:
    texts = [f"Made-up mercy {number}.{made.text}", f"Made-up rigour {number}.{made.text}"]
    answers = sorted(
        (Answer(id=content_id("a", text), text=text, side=side) for text, side in zip(texts, SIDES, strict=True)),
        key=lambda answer: answer.id,
    )
    stamp = WriterStamp(writer="template", version="0")
    if made.research:
        stamp = WriterStamp(writer="openai", version="0", model="made-up-model")
    text = f"Made-up question {number}?{made.text}"
    return Question(
        id=content_id("q", text, *texts),
        recipe=Recipe.SIDES,
        dimensions=("care",),
        language="en",
        split=made_split(number),
        topic="made-up",
        text=text,
        answers=(answers[0], answers[1]),
        written_for=f"r-{number}-0",
        pairs=(f"m-{number}",),
        stamp=stamp,
    )


def made_split(number: int) -> Split:
    return Split.TRAIN if number % 4 == 3 else Split.TEST


def made_instances(number: int, question: Question) -> list[Instance]:
    """A complete pair; Japan's are every other one."""
    people = [f"r-{number}-0", f"r-{number}-1"]
    ids = [content_id("i", question.id, person) for person in people]
    return [
        Instance(
            id=ids[place],
            question_id=question.id,
            respondent_id=people[place],
            recipe=question.recipe,
            dimensions=question.dimensions,
            country=made_country(number),
            language="en",
            split=question.split,
            domain=Domain.OUT if made_country(number) == "JP" else Domain.IN,
            expected=question.answer_on(side).id,
            expected_side=side,
            error_probability=0.25,
            pair_id=f"m-{number}",
            counterpart=ids[1 - place],
            scope=Scope.COUNTRY,
        )
        for place, side in enumerate(SIDES)
    ]


def made_country(number: int) -> str:
    return "JP" if number % 2 else "KE"


def made_alone(question: Question) -> Instance:
    paired = made_instances(0, question)[0]
    changes = {
        "id": content_id("i", question.id, "r-alone"),
        "respondent_id": "r-alone",
        "pair_id": None,
        "counterpart": None,
    }
    return paired.model_copy(update=changes | {"scope": Scope.NONE})


def made_respondent(person: str, country: str, region: str | None = None) -> Respondent:
    return Respondent(
        id=person,
        source_id=SECRET + person,
        survey="s-made",
        row=1,
        country=country,
        region=region,
        language="en",
        demographics=Demographics(known={"gender": "woman", "age": "18-24"}),
        answers={"care": 4.5},
        free_text={"self_description": WORDS},
    )


def made_profile(row: Instance) -> ValueProfile:
    high = row.expected_side == "care:high"
    raw = 90.0 if high else 10.0
    score = DimensionScore(
        dimension="care",
        raw=raw,
        centred=raw - 50,
        standardised=(raw - 50) / 20,
        standard_error=4,
        standard_error_centred=5,
        standard_error_standardised=0.2,
        level=Level.HIGH if high else Level.LOW,
        error_probability=0.25,
        items=("care",),
    )
    return ValueProfile(
        respondent_id=row.respondent_id,
        survey="s-made",
        framework="mfq2",
        split=row.split,
        domain=row.domain,
        country=row.country,
        scores=(score,),
        scoring_version=1,
    )


def made_survey(made: Made) -> Survey:
    return Survey(
        id="s-made",
        name="made-up",
        title=f"Made up{made.text}",
        version="1",
        framework="mfq2",
        citation=f"Nobody (2026), Made up.{made.text}",
        doi=None,
        url="https://example.org/survey",
        licence=made.licence,
        language="en",
        synthetic=not made.research,
        redistribute_profiles=made.redistribute,
        source_file="none.csv",
        source_sha256="0" * 64,
        items=(),
    )


def made_study(root: Path, made: Made | None = None) -> Study:
    """A study with every table of the builder and an audit of them; with ratings too where it is for research."""
    made = made or Made()
    study = init_study(root, STUDY_YAML, SURVEY_FILES)
    write_built(study, made)
    write_audit(study)
    if made.research:
        write_ratings(study, made, AnnotatorKind.HUMAN)
    return study


def write_built(study: Study, made: Made) -> None:
    questions = [made_question(number, made) for number in range(made.pairs)]
    instances = [row for number, question in enumerate(questions) for row in made_instances(number, question)]
    if questions:
        instances.append(made_alone(questions[0]))
    people = [made_respondent(row.respondent_id, row.country or "KE", made.region) for row in instances]
    gone = Dropped(stage="import", subject="x", reason="no-country")
    profiles = [made_profile(row) for row in instances]
    unasked = [profiles[0].model_copy(update={"respondent_id": "r-unasked"})] if profiles else []
    tables = {
        "surveys": [made_survey(made)],
        "respondents": [*people, made_respondent("r-unasked", "KE")],
        "profiles": [*profiles, *unasked],
        "matches": [],
        "questions": questions,
        "instances": instances,
    }
    write_fresh(study, tables, {"respondents": [gone]})


def write_ratings(study: Study, made: Made, kind: AnnotatorKind) -> None:
    """Raters confirm the expected answer of every paired instance; the one without a counterpart is not rated.

    The third says once that both answers fit: of raters who never differ nobody could say how surely they agree.
    """
    rated = [row for number in range(made.pairs) for row in made_instances(number, made_question(number, made))]
    ratings = [made_rating(row, rater, kind) for row in rated for rater in ("n-1", "n-2", "n-3")]
    if ratings:
        ratings[2] = ratings[2].model_copy(update={"vote": Vote.BOTH.value})
    questions = [made_question(number, made) for number in range(made.pairs)]
    answers = {one.id: (one.answers[0].id, one.answers[1].id) for one in questions}
    labels = label_instances(rated, ratings, answers)
    assigned = [made_assignment(one) for one in ratings]
    write_fresh(study, {"assignments": assigned, "annotations": ratings, "labels": labels})
    with Journal(study.journal) as journal:
        declare(journal, study.config.annotate, assigned)


def made_sample(study: Study) -> list[Declaration]:
    with Journal(study.journal) as journal:
        return declarations(journal)


def declare_more(study: Study, waived: str = "") -> None:
    """One more rating is asked for, and waived where a reason is given."""
    assigned = [one for one in read_table(study.tables, "assignments", Assignment) if one.uid != "t-more"]
    more = assigned[0].model_copy(update={"uid": "t-more"})
    annotations = read_table(study.tables, "annotations", Annotation)
    labels = read_table(study.tables, "labels", Label)
    write_fresh(study, {"assignments": [*assigned, more], "annotations": annotations, "labels": labels})
    with Journal(study.journal) as journal:
        waiver = Waiver({more.uid}, waived) if waived else None
        declare(journal, study.config.annotate, [*assigned, more], waiver)


def made_assignment(rating: Annotation) -> Assignment:
    return Assignment(
        uid=rating.uid,
        slot=rating.slot,
        task=TaskKind.PERSON,
        purpose=Purpose.RATED,
        country="KE",
        language="en",
        instance_id=rating.instance_id,
        question_id=f"q-of-{rating.instance_id}",
        answer_order=("a-1", "a-2"),
        asked_side=None,
        right=None,
        place=0.5,
        shown_sha256="0" * 64,
    )


def made_rating(row: Instance, rater: str, kind: AnnotatorKind) -> Annotation:
    return Annotation(
        id=content_id("v", row.id, rater),
        instance_id=row.id,
        uid=f"t-{row.id}-{rater}",
        slot=f"KE-en-person-{rater[-1]}",
        annotator=rater,
        annotator_kind=kind,
        vote=row.expected,
        comment=WORDS,
        lead_time_s=12.5,
        created_at="2026-02-01T09:30:00+00:00",
        updated_at="2026-02-01T09:30:00+00:00",
        source_id=1,
    )


def write_audit(study: Study, outcome: CheckOutcome = CheckOutcome.PASSED) -> None:
    names = ("questions", "instances")
    found = AuditResult(
        baselines={"high_side": Baseline(accuracy=0.52, low=0.4, high=0.64, n=4)},
        checks=(AuditCheck(name="high_side", outcome=outcome, found="0.520", expected="not above 0.500"),),
        tables={name: require_info(study.tables, name).content_sha256 for name in names},
        version=AUDIT_VERSION,
    )
    write_atomic(study.reports / "audit.json", found.model_dump_json())


def made_result(value: float = 0.75, group: dict[str, str] | None = None) -> EvalResult:
    return EvalResult(
        model="made-up-model",
        stage=Stage.BASE,
        headline=Headline.USE,
        ablation=Ablation.FULL,
        metric="pair_accuracy",
        group=group or {},
        value=value,
        low=value - 0.1,
        high=value + 0.1,
        instances=6,
        respondents=6,
        components=3,
    )
