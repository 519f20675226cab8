"""`generate`, the builder's page: profiles to matches, matches to questions, questions to instances."""

from collections.abc import Callable, Sequence

from builder import instances as put
from builder.counterparts import COUNTERPARTS_VERSION, Caps, match, summary
from builder.questions import QUESTIONS_VERSION, collect
from builder.sides import SIDES_VERSION
from builder.stands import stands
from builder.writers.order import Order, Writer
from mvpbench.store.journal import Journal
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
    inputs=("profiles", "matches", "questions"),
    sections=("generate",),
    makes_with="mvpbench generate",
)


def make_matches(
    respondents: Sequence[Respondent],
    profiles: Sequence[ValueProfile],
    framework: ValueFramework,
    section: GenerateSection,
    journal: Journal,
) -> Produced[Match]:
    """Return the matches: the journal's first, as far as they still hold, then new ones, recorded before returning."""
    caps = Caps(section.max_uses, section.max_per_couple, section.regional)
    people = {person.id: person for person in respondents}
    standing = stands(profiles, framework, section.recipes)
    recorded = [old for old in journal.matches() if old.recipe in section.recipes]
    matches, dropped = match(people, profiles, standing, caps, recorded)
    known = {old.id for old in recorded}
    journal.record_matches([new for new in matches if new.id not in known])
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
            )
        )
    return orders


def make_questions(orders: Sequence[Order], writer: Writer, say: Callable[[str], None]) -> Produced[Question]:
    """Return the questions that `writer` gave for `orders`."""
    by_match = {order.match_id: order for order in orders}
    questions, dropped = collect(writer.write(orders, say), by_match)
    counts = {
        "questions": len(questions),
        "questions shared by pairs": sum(len(question.pairs) > 1 for question in questions),
    }
    return Produced(rows=questions, dropped=dropped, counts=counts)


def make_instances(
    profiles: Sequence[ValueProfile],
    matches: Sequence[Match],
    questions: Sequence[Question],
    framework: ValueFramework,
    section: GenerateSection,
) -> Produced[Instance]:
    """Return the instances: two a pair, then one for each person without a counterpart."""
    rows = put.paired(matches, questions, {profile.respondent_id: profile for profile in profiles})
    rows += put.unpaired(profiles, stands(profiles, framework, section.recipes), questions, rows)
    return Produced(rows=rows, counts=put.summary(rows))
