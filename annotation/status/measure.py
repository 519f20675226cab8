"""From what was seen to what is told."""

from datetime import datetime

from annotation.declare import sample_progress
from annotation.status.adjudicators import adjudication_progress
from annotation.status.groups import group_progress
from annotation.status.items import comments, given_up, item_findings, left_out
from annotation.status.pace import joint_pace
from annotation.status.raters import rater_progress
from annotation.status.sample import agreement_so_far
from annotation.status.seen import Seen, counted
from mvpbench.store.clock import stamp
from schemas.progress import Progress


def measure(seen: Seen, now: datetime) -> Progress:
    """Return the progress of the annotation at `now`; agreement is measured only where the declared sample is in."""
    counts = counted(seen)
    sample = sample_progress(seen.declarations, seen.assigned, seen.rows)
    groups = group_progress(seen, counts, now)
    return Progress(
        study=seen.study,
        at=stamp(lambda: now),
        pulled=seen.pulled,
        counted=counts.kinds,
        not_counted=len(seen.rows) - len(counts.rows),
        sample=sample,
        pace=joint_pace([slot.pace for group in groups for slot in group.slots]),
        groups=groups,
        agreement=agreement_so_far(sample, seen, counts),
        raters=rater_progress(seen, counts),
        adjudication=adjudication_progress(seen, counts),
        given_up=given_up(seen, counts),
        items=item_findings(seen, counts),
        left_out=left_out(seen.dropped),
        deleted=seen.deleted,
        comments=comments(counts),
    )
