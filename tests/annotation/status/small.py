"""A small annotation at some point of its way, whose every number can be counted by hand.

Kenya in Swahili, two person slots and one item slot with five rated tasks each, so 15 ratings; and Brazil, one person
slot with five of which none is answered, given to nobody: 20 in all.
"""

from dataclasses import replace

from annotation.slots import Group
from annotation.status.seen import Answer, Seen
from schemas.annotation import Fit, ItemDefect, Placement
from schemas.country import PayFloor
from schemas.questions import Dropped
from schemas.study import ReleaseSection
from tests.annotation.status.made import HOSTILE, answer, declared, quality, seen, tasks

FIRST, SECOND, ITEM, ITEM_2, BRAZIL = (
    *("KE-sw-person-1", "KE-sw-person-2", "KE-sw-item-1", "KE-sw-item-2"),
    "BR-pt-BR-person-1",
)
ASSIGNED = [
    *tasks(FIRST, 5, comprehension=2),
    *tasks(SECOND, 5, repeat=2),
    *tasks(ITEM, 3, violation=2),
    *tasks(ITEM_2, 2),
    *tasks(BRAZIL, 5),
]


def small(*, whole: bool = False) -> Seen:
    """Of 20 ratings 12 are in: 5 and 3 of the person slots, 2 and 2 of the item slots; or all of them."""
    mine = {slot: [one for one in ASSIGNED if one.slot == slot] for slot in (FIRST, SECOND, ITEM, ITEM_2, BRAZIL)}
    rows: list[Answer] = []
    # The first person slot: done, 5 answers of 100 s and two checks of 200 s, so 900 s: 0.25 h. Both checks are missed.
    rows += [answer(one, hours_ago=30 + n, lead_time_s=100) for n, one in enumerate(mine[FIRST][:5])]
    rows += [answer(one, hours_ago=29, lead_time_s=200, passed=False) for one in mine[FIRST][5:]]
    # The second: 3 answers over 3 days, one a day, so the 2 left end in 2 days, on 1 December.
    rows += [
        answer(one, hours_ago=72 - 24 * n, comment=HOSTILE if n == 2 else None)
        for n, one in enumerate(mine[SECOND][:3])
    ]
    # Two raters find question 0 and question 1 wanting, the first of them both times.
    defects = (ItemDefect.LEAK,)
    rows += [answer(one, hours_ago=200, defects=defects) for one in mine[ITEM][:2]]
    rows += [answer(one, hours_ago=2, defects=defects if n == 0 else ()) for n, one in enumerate(mine[ITEM_2][:2])]
    if whole:
        there = {one.uid for one in rows}
        rows += [answer(one) for one in ASSIGNED if one.uid not in there]
    given = seen(ASSIGNED, rows)
    placements = {
        slot: _placement(slot, name) for slot, name in ((FIRST, "Amina"), (SECOND, "Baraka"), (ITEM, "Chiku"))
    }
    return replace(
        given,
        declarations=[declared(ASSIGNED[:5], 1), declared(ASSIGNED, 2)],
        dropped=[Dropped(stage="pull", subject="annotation 8", reason="skipped", detail=mine[SECOND][3].uid)],
        deleted=1,
        has_list=True,
        placements=placements,
        addressed_in={Group("BR", "pt-BR"): "en"},
        quality=quality(ASSIGNED, rows, {"KE": PayFloor(currency="KES", amount=400), "BR": PayFloor(currency="BRL")}),
        gate=ReleaseSection(min_units=5),
        texts={"q-KE-sw-0": "Would you <b>help</b>?"},
    )


def _placement(slot: str, name: str) -> Placement:
    elsewhere = name == "Baraka"
    return Placement(
        slot=slot,
        country="KE",
        language="sw",
        rater=name,
        rater_country="TZ" if elsewhere else "KE",
        fit=Fit.LANGUAGE if elsewhere else Fit.COUNTRY,
    )
