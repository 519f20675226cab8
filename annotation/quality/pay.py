"""What raters' time is worth at least, by the pay floor of their country's pack."""

from collections.abc import Iterable
from pathlib import Path

from builder.countries.packs import built_in_codes, find_pack, own_codes
from schemas.country import PayFloor
from schemas.quality import Pay

CAP_S = 600.0
"""Of one task's time, ten minutes count at most: the clock runs on for a page that was left open. About ten times what
a task takes to read, so that slow work is paid."""


def pay_floor(country: str | None, root: Path | None) -> PayFloor | None:
    """Return the floor in the country's pack, the study's own or a built-in one; None where there is none.

    Raises ConfigError as `find_pack` does for a pack that does not fit.
    """
    known = country is not None and country in (*own_codes(root), *built_in_codes())
    return find_pack(country, root).pack.recruitment.pay if known and country is not None else None


def pay_due(lead_times: Iterable[float | None], floor: PayFloor | None) -> Pay:
    """Return what tasks of these lead times (seconds) come to; the floor's currency is kept where its amount is not."""
    times = list(lead_times)
    known = [one for one in times if one is not None]
    hours = sum(min(one, CAP_S) for one in known) / 3600
    amount = floor.amount if floor else None
    why = "no country pack" if floor is None else "nobody has looked it up"
    return Pay(
        hours=round(hours, 6),
        capped=sum(one > CAP_S for one in known),
        untimed=len(times) - len(known),
        currency=floor.currency if floor else None,
        floor=amount,
        as_of=floor.as_of if floor else None,
        source=floor.source if floor else "",
        least=None if amount is None else round(hours * amount, 2),
        undefined=why if amount is None else None,
    )
