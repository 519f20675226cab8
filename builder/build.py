"""`generate`, the builder's page: profiles to matches, matches to questions, questions to instances."""

from collections import Counter
from collections.abc import Callable, Sequence

from builder import instances as put
from builder.counterparts import COUNTERPARTS_VERSION, Caps, match, summary
from builder.profiles.sides import SIDES_VERSION
from builder.questions import QUESTIONS_VERSION, collect
from builder.recipes import PAIRINGS
from builder.recipes.paper import PaperRecord
from builder.stands import stands
from builder.writers.order import Draft, Order, Writer
from mvpbench.store.journal import Written
from mvpbench.store.stage import Produced, Stage
from schemas.questions import Dropped, Instance, Match, Question
from schemas.study import GenerateSection
from schemas.survey import Respondent
from schemas.values import ValueFramework, ValueProfile

MATCHES_STAGE = Stage(
    table="matches",
    record=Match,
    version=COUNTERPARTS_VERSION * 1000 + SIDES_VERSION,
    inputs=("respondents", "profiles"),
    sections=("generate",),
    makes_with="mvpbench generate",
)
QUESTIONS_STAGE = Stage(
    table="questions",
    record=Question,
    version=QUESTIONS_VERSION,
    inputs=("respondents", "profiles", "matches"),
    sections=("generate", "profile"),
    makes_with="mvpbench generate",
)
INSTANCES_STAGE = Stage(
    table="instances",
    record=Instance,
    version=put.INSTANCES_VERSION,
    inputs=("respondents", "profiles", "matches", "questions"),
    sections=("generate", "profile"),
    makes_with="mvpbench generate",
)


def make_matches(
    respondents: Sequence[Respondent],
    profiles: Sequence[ValueProfile],
    framework: ValueFramework,
    section: GenerateSection,
    recorded: Sequence[Match],
) -> Produced[Match]:
    """Return the matches: the recorded ones first, as far as they still hold, then new ones."""
    if not set(section.recipes) & set(PAIRINGS):
        return Produced(rows=[])
    caps = Caps(section.max_uses, section.max_per_couple, section.regional)
    people = {person.id: person for person in respondents}
    standing = stands(profiles, framework, section.recipes)
    of_these_recipes = [old for old in recorded if old.recipe in section.recipes]
    matches, dropped = match(people, profiles, standing, caps, of_these_recipes)
    return Produced(rows=matches, dropped=dropped, counts=summary(matches, dropped))


def to_write(orders: Sequence[Order], writer: Writer, recorded: Written) -> list[Order]:
    """Return the orders for which `writer` has not all recorded questions yet."""
    return [
        order
        for order in orders
        if any((serves, hand) not in recorded for hand in [writer.hand(order)] for serves in order.serves())
    ]


def make_questions(
    orders: Sequence[Order], writer: Writer, say: Callable[[str], None], recorded: Written
) -> tuple[Produced[Question], Written]:
    """Return the questions of `orders`, recorded ones as they are and the others by `writer`; and which to record."""
    order_of = {serves: order for order in orders for serves in order.serves()}
    keys = [(serves, hand) for order in orders for hand in [writer.hand(order)] for serves in order.serves()]
    asked = set(keys)
    kept = [question for key, question in recorded.items() if key in asked]
    there = {serves for serves, hand in keys if (serves, hand) in recorded}
    waiting = to_write(orders, writer, recorded)
    drafts = writer.write(waiting, say, list(recorded.values())) if waiting else iter(())
    made = collect((draft for draft in drafts if _purpose(draft) not in there), order_of, kept)
    counts = {
        "questions": len(made.questions),
        "questions kept": len(kept),
        "questions shared by pairs": sum(len(question.pairs) > 1 for question in made.questions),
    }
    flags = Counter(f"questions with {flag}" for question in made.questions for flag in question.flags)
    counts |= dict(sorted(flags.items()))
    new = {key: made.written[key[0]] for key in keys if key[0] in made.written}
    return Produced(rows=made.questions, dropped=made.dropped, counts=counts), new


def _purpose(draft: Draft | Dropped) -> str:
    return draft.serves if isinstance(draft, Draft) else draft.subject


def make_instances(
    crowd: put.Crowd,
    matches: Sequence[Match],
    records: Sequence[PaperRecord],
    questions: Sequence[Question],
    loans: Sequence[tuple[str, str]],
) -> Produced[Instance]:
    """Return the instances: two a pair, then one for each person without a counterpart, then those of the records.

    `loans` are the recorded (respondent, question) of people without a counterpart: they stay if they still hold.
    """
    profiles = {profile.respondent_id: profile for profile in crowd.profiles}
    rows = put.paired(matches, questions, profiles)
    rows += put.unpaired(crowd, questions, rows, loans)
    of_records, dropped = put.of_records(records, questions, profiles)
    rows += of_records
    return Produced(rows=rows, dropped=dropped, counts=put.summary(rows))


def loans_of(instances: Sequence[Instance]) -> list[tuple[str, str]]:
    """Return (respondent, question) of everyone who is asked what was written for others."""
    return [(one.respondent_id, one.question_id) for one in instances if one.pair_id is None and one.recipe in PAIRINGS]
