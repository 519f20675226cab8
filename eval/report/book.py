"""The results of an evaluation, looked up by what they are of."""

from collections.abc import Mapping, Sequence

from schemas.evaluation import Ablation, EvalResult, ModelSpec

Key = tuple[str, str, int | None, str, str, tuple[tuple[str, str], ...]]


class Book:
    """Every result of the models of one evaluation."""

    def __init__(self, results: Sequence[EvalResult], models: Sequence[ModelSpec]) -> None:
        self.models = tuple(models)
        self.results = tuple(results)
        self._found: Mapping[Key, EvalResult] = {_key(result): result for result in results}

    def of(self, spec: ModelSpec, ablation: Ablation, metric: str, **group: str) -> EvalResult | None:
        """Return a model's result; None where it was not measured."""
        groups = tuple(sorted(group.items()))
        return self._found.get((spec.name, spec.stage, spec.seed, ablation, metric, groups))

    def named(self, metric: str) -> list[EvalResult]:
        """Return all results of one metric, in their order."""
        return [result for result in self.results if result.metric == metric]

    def groups(self, ablation: Ablation, label: str) -> list[str]:
        """Return the values that a grouping takes under an ablation, most people first."""
        people = {
            result.group[label]: result.respondents
            for result in self.results
            if result.ablation is ablation and set(result.group) == {label}
        }
        return sorted(people, key=lambda value: (-people[value], value))


def _key(result: EvalResult) -> Key:
    groups = tuple(sorted(result.group.items()))
    return (result.model, result.stage, result.seed, result.ablation, result.metric, groups)
