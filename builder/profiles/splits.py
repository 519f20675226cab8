"""A respondent's split: a hash of purpose and id, so that nobody ever moves between versions."""

from collections.abc import Mapping

from schemas.identity import uniform
from schemas.values import Split


def split_of(respondent_id: str, shares: Mapping[Split, float]) -> Split:
    """Return the split of a respondent.

    The order train, validation, test is fixed; a share of 0 is never drawn. Changing the shares moves people, adding
    people does not.
    """
    draw = uniform("split", respondent_id)
    reached = 0.0
    chosen = Split.TRAIN
    for split in Split:
        share = shares.get(split, 0.0)
        if share <= 0:
            continue
        chosen = split
        reached += share
        if draw < reached:
            break
    return chosen
