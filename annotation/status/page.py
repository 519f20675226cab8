"""The page reports/annotation.html: one file, no script, nothing from outside."""

from functools import cache
from pathlib import Path

from jinja2.sandbox import ImmutableSandboxedEnvironment

from annotation.quality.pay import CAP_S
from annotation.status import said
from mvpbench.page import environment
from schemas.progress import Comment, Progress, Tally

SHOWN = 500
"""Comments on the page; the tables have all."""
LONG = 240
LINES = 4
"""Characters and lines from which on a comment is folded."""
LEAD = 120
GATES = {"passed": ("good", "✓"), "failed": ("stop", "✕"), "not_measured": ("mind", "–")}


def page(progress: Progress) -> str:
    """Return the page as HTML; every text of raters and models in it is escaped and shown as plain text."""
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            progress=progress,
            at=progress.at,
            sample=progress.sample,
            head=said.head_lines(progress),
            agreement=progress.agreement,
            gate=GATES[progress.agreement.gate.outcome],
            flagged=[one for one in progress.raters if one.flags],
            names={slot.slot: said.who(slot) for group in progress.groups for slot in group.slots},
            hours=sum(said.hours(one) for one in progress.raters),
            untimed=sum(said.untimed(one) for one in progress.raters),
            adjudication=progress.adjudication,
            adjudicated=said.adjudicated(progress.adjudication),
            adjudicated_hours=sum(said.hours(one) for one in progress.adjudication.adjudicators),
            adjudicated_untimed=sum(said.untimed(one) for one in progress.adjudication.adjudicators),
            cap=f"{CAP_S / 60:g}",
            shown=progress.comments[:SHOWN],
            lead=LEAD,
        )
    )


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    made = environment(Path(__file__).parent)
    made.filters |= {
        "percent": said.percent,
        "of": said.of,
        "ago": said.ago,
        "end": said.end,
        "expected": said.expected,
        "who": said.who,
        "elsewhere": said.elsewhere,
        "deleted": said.deleted,
        "estimate": said.estimate,
        "share": said.share,
        "plain_share": said.plain_share,
        "pay": said.pay,
        "hours": said.hours,
        "seconds": said.seconds,
        "slots": said.slots_of,
        "width": _width,
        "rated": said.rated,
        "time": lambda moment: moment[:16].replace("T", " "),
    }
    made.tests["long"] = _is_long
    return made


def _width(tally: Tally) -> str:
    """Percent of a bar."""
    return f"{100 * tally.answered / tally.assigned:.1f}" if tally.assigned else "0"


def _is_long(comment: Comment) -> bool:
    return len(comment.text) > LONG or comment.text.count("\n") >= LINES
