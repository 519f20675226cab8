"""What is asked of a writer: an order a match, and in `paper` one a record."""

from collections.abc import Mapping, Sequence

from builder.recipes import PAIRINGS
from builder.recipes.paper import PAPER, PaperRecord
from builder.writers.order import Order
from schemas.codebook import FreeText
from schemas.identity import uniform
from schemas.questions import Match
from schemas.survey import Respondent
from schemas.values import ValueProfile

HALF = 0.5


def orders_of(matches: Sequence[Match], respondents: Sequence[Respondent], texts: Sequence[FreeText]) -> list[Order]:
    """Return one order a match; of `texts` those that consent and licence let reach an API may set its topic.

    Whose words they are, a hash decides between the two.
    """
    people = {person.id: person for person in respondents}
    names = [text.name for text in texts if text.to_api]
    orders: list[Order] = []
    for row in matches:
        turn = row.first if uniform("written for", row.id) < HALF else row.second
        own = people[turn.respondent_id].free_text
        orders.append(
            Order(
                id=row.id,
                recipe=row.recipe,
                dimensions=row.dimensions,
                sides=PAIRINGS[row.recipe].sides(row.dimensions),
                language=row.language,
                split=row.split,
                concern="\n".join(own[name] for name in names if name in own) or None,
                written_for=turn.respondent_id,
                country=row.country,
            )
        )
    return orders


def paper_orders(
    records: Sequence[PaperRecord], profiles: Mapping[str, ValueProfile], people: Mapping[str, Respondent]
) -> list[Order]:
    """Return one order a record, on all that its person states."""
    orders: list[Order] = []
    for record in records:
        profile, said = profiles[record.respondent_id], record.stated
        orders.append(
            Order(
                id=record.id,
                recipe=PAPER.recipe,
                dimensions=said.dimensions,
                sides=(said.side(said.dimensions), said.side(said.dimensions, turn=-1)),
                language=people[record.respondent_id].language,
                split=profile.split,
                concern=record.words or None,
                written_for=record.respondent_id,
                country=profile.country,
            )
        )
    return orders
