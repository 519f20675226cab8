"""What to do next, by what progress says."""

from schemas.progress import Progress


def next_step(progress: Progress) -> str:
    """Return the command to run now, or the one to run when others have gone on."""
    given_out = sum(task.rated.assigned for group in progress.groups for task in group.tasks)
    if progress.sample.declared == 0 or progress.sample.declared != given_out:
        return "mvpbench annotate push"
    if not progress.pulled:
        return "mvpbench annotate pull"
    if progress.sample.lacking is not None:
        return _while_raters_work(progress)
    adjudication = progress.adjudication
    if adjudication.due:
        return "mvpbench annotate adjudicate"
    later = ", and mvpbench annotate adjudicate when adjudicators have gone on"
    return "mvpbench agree" + (later if adjudication.decided < adjudication.asked else "")


def _while_raters_work(progress: Progress) -> str:
    """Where all that is left was given up, waiting brings nothing."""
    sample = progress.sample
    if sample.declared - sample.answered - sample.waived == progress.given_up:
        return "have raters take up what they gave up, or mvpbench annotate push --waive WHY"
    return "mvpbench annotate status --pull, when raters have gone on"
