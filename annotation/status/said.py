"""Numbers, times and names in words, the same on a terminal and on the page."""

from collections import Counter
from datetime import datetime, timedelta

from annotation.agreement.words import told
from annotation.status.pace import DONE, ENDED, FAR, NOTHING_YET, STILL, WAIVED, YOUNG
from schemas.agreement import Estimate
from schemas.annotation import Declaration, Fit, SampleProgress
from schemas.progress import (
    AdjudicationProgress,
    AdjudicatorProgress,
    GroupProgress,
    Pace,
    Progress,
    RaterFlag,
    RaterProgress,
    SlotProgress,
    Tally,
)
from schemas.reliability import Coefficient
from schemas.wording import plural

NOTHING = "–"
BY_HAND = "by hand"
NOBODY = "nobody"
FINDINGS = {"given-up": "tasks given up", "defects": "questions that several raters found defective"}
DAY_S = 86_400
SHORT = {DONE: "done", WAIVED: "waived", NOTHING_YET: "not begun", STILL: "idle", YOUNG: "just begun", FAR: "far off"}
"""Why no date can be said, in a word."""

Worker = RaterProgress | AdjudicatorProgress


def percent(tally: Tally) -> str:
    """Return the share answered, rounded down: 100 % is all of them."""
    return f"{100 * tally.answered // tally.assigned} %" if tally.assigned else NOTHING


def of(tally: Tally) -> str:
    """Return `412/480`."""
    return f"{tally.answered:,}/{tally.assigned:,}" if tally.assigned else NOTHING


def rated(group: GroupProgress) -> Tally:
    """Return the rated tasks of both kinds together."""
    return Tally(
        assigned=sum(one.rated.assigned for one in group.tasks),
        answered=sum(one.rated.answered for one in group.tasks),
    )


def ago(moment: str | None, at: str) -> str:
    """Return how long before `at` the moment was."""
    if moment is None:
        return "never"
    passed = max(timedelta(), datetime.fromisoformat(at) - datetime.fromisoformat(moment))
    for unit, seconds in (("d", DAY_S), ("h", 3600), ("min", 60)):
        if passed.total_seconds() >= seconds:
            return f"{int(passed.total_seconds() // seconds)} {unit} ago"
    return "just now"


def end(pace: Pace) -> str:
    """Return the date on which the last answer would come, or why none can be said."""
    return pace.end or pace.unsaid or NOTHING


def expected_of(slot: SlotProgress | GroupProgress) -> str:
    """Return the date on which the last answer would come, or in a word why none can be said."""
    return slot.pace.end or SHORT.get(slot.pace.unsaid or "", NOTHING)


def expected(group: GroupProgress) -> str:
    """Return the date for all of the group's slots, or how many of them stand in its way."""
    if group.pace.end is not None or group.pace.unsaid in ENDED:
        return expected_of(group)
    words = Counter(expected_of(one) for one in group.slots if one.pace.end is None and one.pace.unsaid not in ENDED)
    return ", ".join(f"{count} {word}" for word, count in words.items())


def who(slot: SlotProgress) -> str:
    """Return who fills the slot."""
    return slot.rater or (NOBODY if slot.fit is Fit.NONE else BY_HAND)


def elsewhere(slot: SlotProgress) -> str:
    """Return the rater's country where it is another than the slot's."""
    return (slot.rater_country or "") if slot.fit is Fit.LANGUAGE else ""


def group_name(group: GroupProgress) -> str:
    """Return `Kenya, sw`, with the language that the interface is in where it is another."""
    return f"{group.name}, {group.language}" + (f" (in {group.addressed_in})" if group.addressed_in else "")


def deleted(count: int) -> str:
    """Return what is to be known of answers that were deleted on the server."""
    return f"deleted on the server, and counted still: {count:,}; `annotate pull --accept-deletions` leaves them out"


def adjudicated(one: AdjudicationProgress) -> str:
    """Return how many questions in doubt are decided, and how many are to be asked; empty where none is in doubt."""
    parts = [f"{one.decided:,} of {one.asked:,} questions in doubt are decided"] if one.asked else []
    parts += (
        [f"{plural(one.due, 'question')} in doubt: `mvpbench annotate adjudicate` puts them to an adjudicator"]
        if one.due
        else []
    )
    return "; ".join(parts)


def slots_of(rater: Worker) -> str:
    """Return the rater's slot, and how many more there are."""
    return rater.slots[0] + (f" +{len(rater.slots) - 1}" if len(rater.slots) > 1 else "")


def estimate(one: Estimate) -> str:
    """Return `0.64 [0.55, 0.72]`, or why there is none."""
    return told(one, digits=2)


def share(one: Estimate) -> str:
    """Return `64 % [55, 72]`, or why there is none."""
    if one.value is None:
        return f"undefined: {one.undefined}"
    if one.low is None or one.high is None:
        return f"{one.value:.0%} ({one.undefined or 'no interval'})".replace("%", " %")
    return f"{100 * one.value:.0f} % [{100 * one.low:.0f}, {100 * one.high:.0f}]"


def plain_share(one: Coefficient) -> str:
    """Return `64 %`, or why there is none."""
    return f"undefined: {one.undefined}" if one.value is None else f"{100 * one.value:.0f} %"


def flag(one: RaterFlag) -> str:
    """Return what was found, with the share and its interval where it is one."""
    return one.found if one.share is None else f"{one.found}: {share(one.share)}"


def hours(rater: Worker) -> float:
    """Return the hours in all of the rater's slots."""
    return sum(one.hours for one in rater.pay)


def untimed(rater: Worker) -> int:
    """Return how many answers are not in the hours."""
    return sum(one.untimed for one in rater.pay)


def seconds(rater: RaterProgress) -> str:
    """Return the seconds a task, of each slot."""
    return ", ".join(NOTHING if one is None else f"{one:.0f}" for one in rater.median_s)


def pay(rater: Worker) -> str:
    """Return the least to be paid, by currency; and for how many hours it cannot be said, and why."""
    sums: dict[str, float] = {}
    unknown: dict[str, float] = {}
    for one in rater.pay:
        if one.least is not None and one.currency is not None:
            sums[one.currency] = sums.get(one.currency, 0) + one.least
        else:
            reason = one.undefined or "no floor"
            unknown[reason] = unknown.get(reason, 0) + one.hours
    parts = [f"{amount:,.2f} {currency}" for currency, amount in sums.items()]
    alone = not sums and len(unknown) == 1
    parts += [f"no floor: {why}" if alone else f"{h:.1f} h without a floor: {why}" for why, h in unknown.items()]
    return " + ".join(parts)


def sample_lines(sample: SampleProgress, pace: Pace) -> list[str]:
    """Return how much of the declared sample is in, when the rest is to be expected, and what was declared when."""
    if not sample.declarations:
        return ["no sample was declared: `mvpbench annotate push` declares it"]
    latest = sample.declarations[-1]
    whole = Tally(assigned=sample.declared, answered=min(sample.answered, sample.declared))
    lines = [f"declared sample: {sample.answered:,} of {sample.declared:,} ratings are in ({percent(whole)})"]
    left = sample.declared - sample.answered - sample.waived
    if sample.waived:
        lines[0] += f", {sample.waived:,} waived"
    if left > 0:
        lines[0] += f", {left:,} to go"
        lines.append(
            f"at the pace of the last days the last one comes on {pace.end}"
            if pace.end
            else f"when the last one comes cannot be said ({pace.unsaid})"
        )
    pairs, persons = plural(latest.pairs, "pair"), plural(latest.person_ratings, "rating")
    lines.append(
        f"declared {latest.declared_at[:10]}: {pairs}; {persons} of instances, {latest.item_ratings:,} of questions"
    )
    if latest.waived:
        lines.append(f"WAIVED {_waived(latest)}")
    if len(sample.declarations) > 1:
        before = "; ".join(_before(one) for one in sample.declarations[:-1])
        lines.append(f"DECLARED {len(sample.declarations)} TIMES, earlier: {before}. Say so where results are told")
    return lines


def _before(one: Declaration) -> str:
    told = f"{one.declared_at[:10]} {one.person_ratings + one.item_ratings:,} ratings"
    return f"{told}, waived {_waived(one)}" if one.waived else told


def _waived(one: Declaration) -> str:
    """The reason is foreign text in a line of ours."""
    whole, reason = one.person_ratings + one.item_ratings, one.reason.replace("`", "'")
    return f"{len(one.waived):,} of {whole:,} ratings ({reason})"


def head_lines(progress: Progress) -> list[str]:
    """Return what stands above everything: the sample, and what is to be known before any number is read."""
    lines = sample_lines(progress.sample, progress.pace)
    if not progress.pulled:
        lines.insert(0, "nothing pulled yet: `mvpbench annotate pull` brings what raters said")
    if progress.counted and "human" not in progress.counted:
        lines.insert(0, "SIMULATED raters: this says nothing about people")
    if progress.not_counted:
        lines.append(f"not counted, as not by people: {plural(progress.not_counted, 'answer')}")
    return lines
