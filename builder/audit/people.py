"""What can be told about the expected side without any text: from the country's majority, or from demographics.

Instances that share a person, a pair or a question are in one component and never on both sides of a fold: grouped by
person alone, a classifier memorises the counterpart's opposite answer and falls far below one half.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from builder.audit.measure import Ints, Measured, measured, not_measured
from mvpbench.statistics.components import components
from schemas.questions import Instance
from schemas.survey import Respondent

FOLDS = 5
STRENGTH = 0.1
"""Inverse of the ridge penalty: there are many more demographics than people show differences in."""
ONE_GROUP = "all instances hang together: nothing can be held out"


def majority(name: str, instances: Sequence[Instance]) -> Measured:
    """Return how often the more frequent side of the same target and country is the expected one.

    Counted on other components than it is tested on; where the country has no more frequent side there, that of the
    target over all countries, and a half where that has none either. On complete pairs every count is even: exactly one
    half.
    """
    if not instances:
        return not_measured("no such instances")
    component = instance_components(instances)
    sign = np.array([side_sign(one) for one in instances])
    right = np.full(len(instances), np.nan)
    for train, test in _folds(component):
        by_country: Counter[tuple[object, ...]] = Counter()
        by_target: Counter[tuple[object, ...]] = Counter()
        for place in train:
            by_country[_target(instances[place]), instances[place].country] += sign[place]
            by_target[_target(instances[place])] += sign[place]
        for place in test:
            one = instances[place]
            ahead = np.sign(by_country[_target(one), one.country]) or np.sign(by_target[_target(one)])
            right[place] = 0.5 + ahead * sign[place] / 2
    return measured(name, right, component) if not np.isnan(right).all() else not_measured(ONE_GROUP)


def demographics(name: str, instances: Sequence[Instance], people: Mapping[str, Respondent]) -> Measured:
    """Return how often a classifier finds the expected side from country and demographics, per target."""
    if not instances:
        return not_measured("no such instances")
    component = instance_components(instances)
    features = DictVectorizer().fit_transform([_facts(one, people[one.respondent_id]) for one in instances])
    label = (np.array([side_sign(one) for one in instances]) > 0).astype(np.int64)
    right = np.full(len(instances), np.nan)
    for train, test in _folds(component):
        if len(np.unique(label[train])) < 2:  # noqa: PLR2004 - two classes
            continue
        model = LogisticRegression(C=STRENGTH, solver="liblinear").fit(features[train], label[train])
        right[test] = 0.5 + np.sign(model.decision_function(features[test])) * (label[test] - 0.5)
    return measured(name, right, component) if not np.isnan(right).all() else not_measured(ONE_GROUP)


def instance_components(instances: Sequence[Instance]) -> Ints:
    """Return the component of each instance: linked by person, question and, where there is one, pair."""
    return components(
        [one.respondent_id for one in instances],
        [one.question_id for one in instances],
        optional=[[one.pair_id for one in instances]],
    )


def side_sign(instance: Instance) -> int:
    """Return 1 where the expected answer is on the high side of the first dimension, -1 where it is not."""
    return 1 if f"{instance.dimensions[0]}:high" in instance.expected_side.split("+") else -1


def _target(instance: Instance) -> tuple[str, ...]:
    return (instance.recipe, *instance.dimensions)


def _facts(instance: Instance, person: Respondent) -> dict[str, float]:
    """Every demographic, known or why not, alone and joined to the target: what it means differs by dimension."""
    known = {"country": person.country or "?"} | {name: f"({why})" for name, why in person.demographics.missing.items()}
    known |= person.demographics.known
    target = "+".join(_target(instance))
    facts: dict[str, float] = defaultdict(float)
    for name, value in known.items():
        facts[f"{name}={value}"] = 1.0
        facts[f"{target}|{name}={value}"] = 1.0
    return facts


def _folds(component: Ints) -> list[tuple[Ints, Ints]]:
    folds = min(FOLDS, len(np.unique(component)))
    if folds < 2:  # noqa: PLR2004 - to train on and to test on
        return []
    return list(GroupKFold(folds).split(np.zeros((len(component), 1)), groups=component))
