"""`generate`, the builder's page: profiles to matches, matches to questions, questions to instances."""

from collections.abc import Callable, Sequence

from builder import instances as put
from builder.counterparts import COUNTERPARTS_VERSION, Caps, match, summary
from builder.profiles.sides import SIDES_VERSION
from builder.questions import QUESTIONS_VERSION, collect
from builder.stands import Stands, stands
from builder.writers.order import Order, Writer
from mvpbench.store.journal import Written
from mvpbench.store.stage import Produced, Stage
from schemas.identity import uniform
from schemas.questions import Instance, Match, Question
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
    inputs=("respondents", "matches"),
    sections=("generate",),
    makes_with="mvpbench generate",
)
INSTANCES_STAGE = Stage(
    table="instances",
    record=Instance,
    version=put.INSTANCES_VERSION,
    inputs=("respondents", "profiles", "matches", "questions"),
    sections=("generate",),
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
    caps = Caps(section.max_uses, section.max_per_couple, section.regional)
    people = {person.id: person for person in respondents}
    standing = stands(profiles, framework, section.recipes)
    of_these_recipes = [old for old in recorded if old.recipe in section.recipes]
    matches, dropped = match(people, profiles, standing, caps, of_these_recipes)
    return Produced(rows=matches, dropped=dropped, counts=summary(matches, dropped))


def orders_of(matches: Sequence[Match], respondents: Sequence[Respondent], concerns: Sequence[str]) -> list[Order]:
    """Return one order a match; `concerns` names the free texts that consent and licence let reach an API."""
    people = {person.id: person for person in respondents}
    orders: list[Order] = []
    for row in matches:
        turn = row.first if uniform("written for", row.id) < 0.5 else row.second  # noqa: PLR2004 - one of two
        words = [
            people[turn.respondent_id].free_text[name]
            for name in concerns
            if name in people[turn.respondent_id].free_text
        ]
        orders.append(
            Order(
                match_id=row.id,
                recipe=row.recipe,
                dimensions=row.dimensions,
                language=row.language,
                split=row.split,
                concern="\n".join(words) or None,
                written_for=turn.respondent_id,
                country=row.country,
            )
        )
    return orders


def to_write(orders: Sequence[Order], writer: Writer, recorded: Written) -> list[Order]:
    """Return the orders for which `writer` has no recorded question yet."""
    return [order for order in orders if (order.match_id, writer.hand(order)) not in recorded]


def make_questions(
    orders: Sequence[Order], writer: Writer, say: Callable[[str], None], recorded: Written
) -> tuple[Produced[Question], Written]:
    """Return the questions of `orders`, recorded ones as they are and the others by `writer`; and which to record."""
    by_match = {order.match_id: order for order in orders}
    keys = [(order.match_id, writer.hand(order)) for order in orders]
    asked = set(keys)
    kept = [question for key, question in recorded.items() if key in asked]
    waiting = to_write(orders, writer, recorded)
    made = collect(writer.write(waiting, say, list(recorded.values())) if waiting else (), by_match, kept)
    counts = {
        "questions": len(made.questions),
        "questions kept": len(kept),
        "questions shared by pairs": sum(len(question.pairs) > 1 for question in made.questions),
    }
    new = {key: made.written[key[0]] for key in keys if key[0] in made.written}
    return Produced(rows=made.questions, dropped=made.dropped, counts=counts), new


def make_instances(
    respondents: Sequence[Respondent],
    profiles: Sequence[ValueProfile],
    standing: Stands,
    matches: Sequence[Match],
    questions: Sequence[Question],
    loans: Sequence[tuple[str, str]],
) -> Produced[Instance]:
    """Return the instances: two a pair, then one for each person without a counterpart, as in `loans` if that holds.

    `standing` is of `profiles`, row by row; `loans` are the recorded (respondent, question).
    """
    rows = put.paired(matches, questions, {profile.respondent_id: profile for profile in profiles})
    crowd = put.Crowd(profiles, {person.id: person.language for person in respondents}, standing)
    rows += put.unpaired(crowd, questions, rows, loans)
    return Produced(rows=rows, counts=put.summary(rows))


def loans_of(instances: Sequence[Instance]) -> list[tuple[str, str]]:
    """Return (respondent, question) of everyone who is asked without a counterpart."""
    return [(one.respondent_id, one.question_id) for one in instances if one.pair_id is None]
