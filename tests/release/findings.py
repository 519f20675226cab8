"""What raters of questions and adjudicators said in the made-up study of `made`, put in as a pull would."""

from annotation.labels import label_questions
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.annotation import Annotation, AnnotatorKind, Assignment, ItemAnnotation, ItemDefect
from schemas.labels import Adjudication, Label, Ruling, RulingReason
from schemas.questions import Instance, Question
from tests.annotation.votes import made_adjudication, made_item_annotation
from tests.fresh import write_fresh
from tests.release.made import WORDS, Made, write_ratings

LEAK, STEREOTYPE = ItemDefect.LEAK, ItemDefect.STEREOTYPE


def write_findings(
    study: Study, made: Made, kind: AnnotatorKind = AnnotatorKind.HUMAN, first: Ruling = Ruling.DROP
) -> None:
    """Beside the ratings of `write_ratings`: three raters of question 0 in Kenya and two of question 1 in Japan.

    Question 0: two see the sides as they were written, one the other way round; two mark a leak, one of them a
    stereotype too; one adjudicator decides `first`. Question 1: both see the sides; of two adjudicators one keeps it.
    The other two questions are not rated.
    """
    write_ratings(study, made, kind)
    questions = sorted(read_table(study.tables, "questions", Question), key=lambda one: one.text)
    items = [
        made_item_annotation(questions[0], 1, defects=(LEAK,), kind=kind, comment=WORDS),
        made_item_annotation(questions[0], 2, defects=(STEREOTYPE, LEAK), kind=kind),
        made_item_annotation(questions[0], 3, "other", kind=kind),
        made_item_annotation(questions[1], 1, country="JP", kind=kind),
        made_item_annotation(questions[1], 2, country="JP", kind=kind),
    ]
    decided = [
        _decision(questions[0], "KE", 1, first, RulingReason.LEAK),
        _decision(questions[1], "JP", 1, Ruling.KEEP, RulingReason.SOUND),
        _decision(questions[1], "JP", 2, Ruling.REPAIR, RulingReason.BAD_LANGUAGE),
    ]
    instances = read_table(study.tables, "instances", Instance)
    tables = {
        "assignments": read_table(study.tables, "assignments", Assignment),
        "annotations": read_table(study.tables, "annotations", Annotation),
        "labels": read_table(study.tables, "labels", Label),
        "item_annotations": items,
        "adjudications": decided,
        "item_labels": label_questions(questions, instances, items, decided).rows,
    }
    write_fresh(study, tables)


def _decision(question: Question, country: str, number: int, ruling: Ruling, reason: RulingReason) -> Adjudication:
    made = made_adjudication(question, number, ruling)
    return made.model_copy(update={"country": country, "reason": reason, "comment": WORDS})


def rated_items(study: Study) -> list[ItemAnnotation]:
    """The votes on questions."""
    return read_table(study.tables, "item_annotations", ItemAnnotation)
