"""What a vote in the item task says of a question's sides."""

from schemas.annotation import ItemAnnotation
from schemas.labels import Side
from schemas.questions import Question


def side_said(annotation: ItemAnnotation, question: Question) -> Side:
    """Return what a vote says of the sides; KeyError where the question has no answer on the side asked for."""
    if annotation.vote == question.answer_on(annotation.asked_side).id:
        return Side.ASKED
    return Side.OTHER if annotation.vote in {answer.id for answer in question.answers} else Side(annotation.vote)
