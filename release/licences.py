"""What licences let be done, and whether a release may have the one it asks for."""

from functools import cache
from pathlib import Path

import yaml

from schemas.record import Record

FILE = Path(__file__).with_name("licences.yaml")


class Licence(Record):
    """One line of licences.yaml."""

    spdx: str
    title: str
    hub: str
    """Its name on the Hugging Face hub."""
    url: str
    derivatives: bool = True
    noncommercial: bool = False
    share_alike: bool = False
    attribution: bool = False


def licence(spdx: str) -> Licence | None:
    """Return what is known of the licence; None for one that is not in the list. Case does not matter."""
    return _known().get(spdx.casefold())


def objection(survey: str, release: str) -> str | None:
    """Return why a release under `release` may not be made from a survey under `survey`; None where it may.

    Not legal advice: it knows no more than whether derivatives, commerce and other terms are allowed.
    """
    source, target = licence(survey), licence(release)
    if source is None:
        return f"survey licence {survey!r}, of which nothing is known"
    if target is None:
        return f"release licence {release!r}, of which nothing is known"
    if not source.derivatives:
        return f"survey licence {source.spdx}, which allows no derivatives"
    terms = {
        "forbids commerce": source.noncommercial and not target.noncommercial,
        "asks for the same terms": source.share_alike and target != source,
        "asks for attribution": source.attribution and not target.attribution,
    }
    broken = " and ".join(term for term, is_broken in terms.items() if is_broken)
    return f"survey licence {source.spdx}, which {broken}, and release licence {target.spdx}" if broken else None


@cache
def _known() -> dict[str, Licence]:
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {row["spdx"].casefold(): Licence.model_validate(row) for row in rows}
