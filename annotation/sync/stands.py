"""Which answers stand as they were pulled although the server holds an earlier version: the study accepted that."""

from annotation.sync.kept import Earlier
from mvpbench.store.journal import Journal
from schemas.identity import content_id
from schemas.reconcile import Difference

ACCEPTED = "accepted-difference"
"""Kind of journal write of `annotation.sync.reconcile`; keys begin with a difference's name."""


def accepted_names(journal: Journal) -> frozenset[str]:
    """Return the names of all differences that may stay."""
    return frozenset(one.key.partition("/")[0] for one in journal.writes(ACCEPTED))


def name_of(key: str, one: Earlier) -> str:
    """Return the name that `reconcile` gives to the difference, of an answer in project `key`."""
    versions = f"{one.says.isoformat()} {one.pulled.isoformat()}"
    return content_id("difference", Difference.ANSWER_EARLIER.value, key, f"annotation {one.identity[1]}", versions)
