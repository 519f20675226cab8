"""Made-up cases: couples who stand on the two sides of care, and scorers that are plain functions of what they read."""

from collections.abc import Callable, Mapping, Sequence

from eval.cases import Case, Pair
from eval.choices import Choice, Likelihood
from eval.predict import EvaluatedModel
from schemas.chat import Message
from schemas.evaluation import Ablation, ModelSpec, Prediction, Stage
from schemas.identity import content_id
from schemas.labels import LabelStatus
from schemas.questions import Answer, Instance, Question, Recipe, Scope, WriterStamp
from schemas.survey import Demographics, Respondent
from schemas.values import DimensionScore, Domain, Level, Split, ValueProfile

SIDES = ("care:high", "care:low")
SPEC = ModelSpec(name="made-up", path=None, stage=Stage.BASE, weights_sha256="0" * 64)


def made_pair(
    number: int,
    *,
    country: str = "KE",
    split: Split = Split.TEST,
    people: tuple[str, str] | None = None,
    known: Mapping[str, tuple[str, str]] = {},
    words: tuple[str, str] = ("mercy", "rigour"),
    author: int = 0,
    values: Sequence[str] = ("care", "purity", "loyalty"),
) -> Pair:
    """A pair whose first person (by place here, not in the pair) stands on `care:high`, the second on `care:low`."""
    people = people or (f"r-{split}-{number}-0", f"r-{split}-{number}-1")
    texts = [f"Answer with {word} to number {number} of {split}." for word in words]
    sided = [Answer(id=content_id("a", text), text=text, side=side) for text, side in zip(texts, SIDES, strict=True)]
    first, second = sorted(sided, key=lambda answer: answer.id)
    text = f"Question {number} of {split}?"
    question = Question(
        id=content_id("q", text, *texts),
        recipe=Recipe.SIDES,
        dimensions=("care",),
        language="en",
        split=split,
        topic="made-up",
        text=text,
        answers=(first, second),
        written_for=people[author],
        pairs=(f"m-{split}-{number}",),
        stamp=WriterStamp(writer="template", version="0"),
    )
    ids = [content_id("i", question.id, person) for person in people]
    halves = [
        Case(
            instance=Instance(
                id=ids[place],
                question_id=question.id,
                respondent_id=people[place],
                recipe=Recipe.SIDES,
                dimensions=("care",),
                country=country,
                language="en",
                split=split,
                domain=Domain.IN,
                expected=question.answer_on(side).id,
                expected_side=side,
                error_probability=0.1,
                pair_id=f"m-{split}-{number}",
                counterpart=ids[1 - place],
                scope=Scope.COUNTRY,
            ),
            question=question,
            profile=_profile(people[place], country, split, dict.fromkeys(values[:1], 90.0 - 80 * place), values),
            respondent=Respondent(
                id=people[place],
                source_id="",
                survey="s-made",
                row=1,
                country=country,
                language="en",
                demographics=Demographics(known={name: both[place] for name, both in known.items()}),
                synthetic=True,
            ),
            label=LabelStatus.UNREVIEWED,
        )
        for place, side in enumerate(SIDES)
    ]
    first_half, second_half = sorted(halves, key=lambda case: case.instance.id)
    return first_half, second_half


def _profile(person: str, country: str, split: Split, raw: Mapping[str, float], values: Sequence[str]) -> ValueProfile:
    return ValueProfile(
        respondent_id=person,
        survey="s-made",
        framework="mfq2",
        split=split,
        domain=Domain.IN,
        country=country,
        scores=tuple(
            DimensionScore(
                dimension=name,
                raw=raw.get(name, 50.0),
                centred=0,
                standardised=(raw.get(name, 50.0) - 50) / 20,
                standard_error=1,
                standard_error_centred=1,
                standard_error_standardised=0.1,
                level=Level.NONE,
                error_probability=None,
                items=(),
            )
            for name in values
        ),
        scoring_version=1,
    )


def predictions(pairs: Sequence[Pair], likes: Sequence[Sequence[tuple[float, float] | None]]) -> list[Prediction]:
    """One prediction a half: (expected, other) log-probabilities, or None for a missing one."""
    return [
        Prediction(
            instance_id=case.instance.id,
            model=SPEC.name,
            stage=SPEC.stage,
            ablation=Ablation.FULL,
            expected_logprob=like[0] if like else None,
            other_logprob=like[1] if like else None,
            expected_tokens=10 if like else None,
            other_tokens=10 if like else None,
            missing=None if like else "too long",
        )
        for pair, both in zip(pairs, likes, strict=True)
        for case, like in zip(pair, both, strict=True)
    ]


def reads_care(choice: Choice) -> tuple[float, float]:
    """Prefer mercy for who is shown to hold care much more important than most, rigour for much less, else nothing."""
    prompt = choice.messages[0].content
    lean = 1.0 if "Care: much higher" in prompt else -1.0 if "Care: much lower" in prompt else 0.0
    return tuple(lean if "mercy" in answer else -lean for answer in (choice.first, choice.second))  # type: ignore[return-value]


class Counted:
    """A scorer that counts what it was asked."""

    def __init__(self, rule: Callable[[Choice], tuple[float, float]], spec: ModelSpec = SPEC) -> None:
        self.rule = rule
        self.asked: list[Choice] = []
        self.replied: list[tuple[Message, ...]] = []
        self.model = EvaluatedModel(spec, self._score, self._reply)

    def _score(self, choices: Sequence[Choice]) -> list[Likelihood]:
        self.asked += choices
        return [
            Likelihood(first_logprob=first, second_logprob=second, first_tokens=10, second_tokens=10)
            for first, second in map(self.rule, choices)
        ]

    def _reply(self, prompts: Sequence[tuple[Message, ...]]) -> list[str]:
        self.replied += prompts
        return ["Answer with mercy." for _ in prompts]
