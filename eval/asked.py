"""What a model is asked about each half of a pair: the prompt under an ablation, and the pairs that cannot be asked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.cases import Case, Pair
from eval.prompts import prompt
from schemas.chat import Message
from schemas.evaluation import Ablation
from schemas.identity import seed
from schemas.questions import Dropped
from schemas.values import Split, ValueFramework

Place = tuple[str | None, str, Split]
"""Country, language, split: within which profiles are shuffled."""


@dataclass(frozen=True)
class Asked:
    """One half of a pair and the messages that ask it."""

    case: Case
    messages: tuple[Message, ...]


def asked(
    pairs: Sequence[Pair], people: Iterable[Case], framework: ValueFramework, ablation: Ablation
) -> tuple[list[Asked], list[Dropped]]:
    """Return both halves of every pair that `ablation` can be asked of, pair after pair, and the pairs left out.

    `people` are the cases whose profiles may be lent to others under `SHUFFLED`. A pair stays whole or is dropped with
    its reason: `nothing-else-known` (`CONTEXT`, where a member has neither demographics nor another value),
    `nobody-else` (`SHUFFLED`, where fewer than two other people live in the same country, language and split).
    """
    lenders = _lenders(people) if ablation is Ablation.SHUFFLED else {}
    rows: list[Asked] = []
    dropped: list[Dropped] = []
    for pair in pairs:
        shown: Sequence[Case] | None = pair
        reason = ""
        if ablation is Ablation.CONTEXT and not all(map(_more_is_known, pair)):
            shown, reason = None, "nothing-else-known"
        elif ablation is Ablation.SHUFFLED:
            shown, reason = _strangers(pair, lenders), "nobody-else"
        if shown is None:
            dropped.append(Dropped(stage="eval", subject=pair[0].instance.pair_id or "", reason=reason))
            continue
        for case, person in zip(pair, shown, strict=True):
            messages = prompt(case.question, person.profile, person.respondent, framework, ablation)
            rows.append(Asked(case, messages))
    return rows, dropped


def _more_is_known(case: Case) -> bool:
    others = [score for score in case.profile.scores if score.dimension not in case.question.dimensions]
    return bool(others or case.respondent.demographics.known)


def _lenders(people: Iterable[Case]) -> dict[Place, dict[str, Case]]:
    places: dict[Place, dict[str, Case]] = defaultdict(dict)
    for case in sorted(people, key=lambda case: case.instance.id):
        places[_place(case)].setdefault(case.instance.respondent_id, case)
    return places


def _place(case: Case) -> Place:
    return case.instance.country, case.instance.language, case.instance.split


def _strangers(pair: Pair, lenders: Mapping[Place, Mapping[str, Case]]) -> list[Case] | None:
    """Return two different people, neither of them a member of the pair; None where there are not two.

    Either half is as likely to get the one as the other, so the expected accuracy is one half whatever the model makes
    of them. A derangement of all people would not do: it often hands someone the counterpart's profile.
    """
    members = {case.instance.respondent_id for case in pair}
    others = [case for person, case in sorted(lenders.get(_place(pair[0]), {}).items()) if person not in members]
    if len(others) < len(pair):
        return None
    draw = np.random.default_rng(seed("shuffled profiles", pair[0].instance.pair_id))
    return [others[index] for index in draw.choice(len(others), size=len(pair), replace=False)]
