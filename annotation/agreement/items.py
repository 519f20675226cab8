"""`agree --task item`: how far raters agree which answer is on which side, and what is wrong with a question."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from annotation.agreement.level import Level
from annotation.agreement.run import Asked, agree, check_groups, check_width
from annotation.agreement.study import placements_of, rater_columns
from annotation.agreement.table import Columns, tabulate
from annotation.agreement.words import in_words, sample_in_words, simulated_in_words
from annotation.declare import sample_of, study_kinds
from annotation.labels.item import side_said
from mvpbench.statistics.bootstrap import Resampling
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.agreement import AgreementCell, AgreementReport
from schemas.annotation import ItemAnnotation, ItemDefect
from schemas.identity import seed
from schemas.questions import Question
from schemas.results import Outcome

Group = Callable[[Question, ItemAnnotation], Iterable[str]]

GROUPS: Mapping[str, Group] = {
    "country": lambda _, annotation: () if annotation.country is None else (annotation.country,),
    "dimension": lambda question, _: question.dimensions,
    "language": lambda question, _: (question.language,),
    "recipe": lambda question, _: (question.recipe.value,),
}


def agree_items(
    study: Study, by: Sequence[tuple[str, ...]] | None = None, width: float | None = None
) -> Outcome[AgreementReport]:
    """Return the agreement of the study's raters in the item task, at the nominal level.

    Units are questions in a country; a question that several countries rated is resampled as one. Values are sides: the
    one asked for, the other, `both`, `neither`, `cannot_tell`. Cells by `defect` are of marked against not marked:
    where nearly nobody marks it alpha is low however well raters agree, and Gwet's AC1 is to be read. Where any person
    answered anything in the study only people count.

    Raises:
        StudyError: `table-missing` before `annotate pull`.
        ConfigError: `group-unknown`, `width-impossible`.
    """
    check_width(width)
    wished = tuple((name,) for name in GROUPS) if by is None else tuple(by)
    check_groups(wished, tuple(GROUPS))
    questions = {one.id: one for one in read_table(study.tables, "questions", Question)}
    annotations = read_table(study.tables, "item_annotations", ItemAnnotation)
    kinds = study_kinds(study)
    of_kind = [one for one in annotations if one.annotator_kind in kinds]
    counted = [one for one in of_kind if _belongs(one, questions)]
    draw = Resampling(seed("agree items", study.config.name))
    sides = [side_said(one, questions[one.question_id]).value for one in counted]
    raters = rater_columns([one.slot for one in counted], placements_of(study))
    columns = _columns(counted, questions, sides, raters)
    report = agree(tabulate(columns, Level.NOMINAL), Asked(by=wished, rater_groups=tuple(raters), width=width), draw)
    sample = sample_of(study)
    defects = (_defect(columns, counted, one, draw) for one in ItemDefect)
    report = report.model_copy(update={"by": (*report.by, *defects), "sample": sample})
    head = simulated_in_words(kinds)
    dropped = {"not by people": len(annotations) - len(of_kind), "of no question": len(of_kind) - len(counted)}
    return Outcome(
        result=report,
        counts={"annotations": len(counted)},
        dropped={reason: count for reason, count in dropped.items() if count},
        summary=(*sample_in_words(sample), *head, *in_words(report)),
    )


def _belongs(annotation: ItemAnnotation, questions: Mapping[str, Question]) -> bool:
    question = questions.get(annotation.question_id)
    return question is not None and annotation.asked_side in {answer.side for answer in question.answers}


def _columns(
    annotations: Sequence[ItemAnnotation],
    questions: Mapping[str, Question],
    values: Sequence[str],
    raters: Mapping[str, Sequence[tuple[str, ...]]],
) -> Columns:
    both = [(questions[one.question_id], one) for one in annotations]
    groups = {name: [tuple(group(question, one)) for question, one in both] for name, group in GROUPS.items()}
    return Columns(
        unit=[f"{one.question_id} {one.country}" for one in annotations],
        rater=[one.annotator for one in annotations],
        value=list(values),
        cluster=[one.question_id for one in annotations],
        groups={**groups, **raters},
    )


def _defect(
    columns: Columns, annotations: Sequence[ItemAnnotation], defect: ItemDefect, draw: Resampling
) -> AgreementCell:
    marked = ["marked" if defect in one.defects else "not" for one in annotations]
    report = agree(tabulate(columns._replace(value=marked, groups={}), Level.NOMINAL), Asked(), draw)
    return AgreementCell(key={"defect": defect.value}, **dict(report.overall))
