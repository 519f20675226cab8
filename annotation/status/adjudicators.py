"""How far adjudicators are, and what their time is worth: apart from raters, whose work theirs is no part of."""

from annotation.adjudication.due import due
from annotation.labels import rulings_that_count
from annotation.quality.pay import pay_due
from annotation.status.seen import Counted, Seen
from schemas.labels import Adjudication
from schemas.progress import AdjudicationProgress, AdjudicatorProgress
from schemas.quality import Pay


def adjudication_progress(seen: Seen, counted: Counted) -> AdjudicationProgress:
    """Return how many questions in doubt are to be asked, were asked and are decided, and every adjudicator's work."""
    decided = rulings_that_count(seen.adjudications, set(counted.kinds))
    mine: dict[str, list[Adjudication]] = {}
    for one in decided:
        mine.setdefault(one.annotator, []).append(one)
    told = [_adjudicator(rows, seen) for rows in mine.values()]
    settled = {one.uid for one in seen.items} | seen.waived
    return AdjudicationProgress(
        due=len(due(seen.item_labels, seen.asked, seen.assigned, settled).now),
        asked=len(seen.asked),
        decided=len({one.uid for one in decided}),
        adjudicators=tuple(sorted(told, key=lambda one: (one.slots, one.annotator))),
    )


def _adjudicator(rows: list[Adjudication], seen: Seen) -> AdjudicatorProgress:
    by_slot: dict[str, list[Adjudication]] = {}
    for one in rows:
        by_slot.setdefault(one.slot, []).append(one)
    return AdjudicatorProgress(
        annotator=rows[0].annotator,
        slots=tuple(sorted(by_slot)),
        decided=len(rows),
        pay=tuple(_pay(by_slot[slot], seen) for slot in sorted(by_slot)),
    )


def _pay(rows: list[Adjudication], seen: Seen) -> Pay:
    return pay_due((one.lead_time_s for one in rows), seen.floors.get(rows[0].country))
