"""ModelSpec, Ablation, Prediction, EvalResult: how models do on a release candidate."""

from enum import StrEnum

from schemas.record import Record


class Stage(StrEnum):
    """How far a model was tuned."""

    BASE = "base"
    SFT = "sft"
    DPO = "dpo"


class Headline(StrEnum):
    """The two questions asked of a model, never merged."""

    USE = "use"
    """Use of stated values: the scored dimensions are in the prompt."""
    INFERENCE = "inference"
    """Inference of values: they and their items are withheld."""


class Ablation(StrEnum):
    """What of the person is in the prompt."""

    FULL = "full"
    """Values and demographics: the headline *use of stated values*."""
    CONTEXT = "context"
    """Demographics and every value but the scored ones: the headline *inference of values*."""
    DEMOGRAPHICS = "demographics"
    COUNTRY = "country"
    NONE = "none"
    SHUFFLED = "shuffled"
    """Full, but another person's (same country, split and language): the negative control."""


class ModelSpec(Record):
    """A model as it was evaluated."""

    name: str
    path: str | None
    """Local model folder."""
    stage: Stage
    weights_sha256: str
    seed: int | None = None
    """Training seed; None for a base model."""


class Prediction(Record):
    """Log-probabilities of both answers of one instance under one prompt."""

    instance_id: str
    model: str
    stage: Stage
    ablation: Ablation
    expected_logprob: float | None
    """Natural log, summed over answer tokens; None where the prompt did not fit (counts as wrong)."""
    other_logprob: float | None
    expected_tokens: int | None
    other_tokens: int | None
    reply: str | None = None
    """Greedy reply, where generated."""
    reply_chose: str | None = None
    """`expected`, `other` or `neither`: the answer the reply is nearest to."""
    missing: str | None = None


class EvalResult(Record):
    """One number about one model. `value` is None with a reason where it is undefined."""

    model: str
    stage: Stage
    headline: Headline | None
    ablation: Ablation
    metric: str
    group: dict[str, str] = {}
    """e.g. {"domain": "out"}; empty for overall."""
    value: float | None
    low: float | None = None
    high: float | None = None
    undefined: str | None = None
    instances: int
    respondents: int
    components: int
    """Independent groups of instances over which the interval was resampled."""
    seed: int | None = None


class Evaluated(Record):
    """Of what and how results were made: what a report says beside the numbers."""

    release: str
    version: str
    data_sha256: str
    """Of the release's data/: the rows that were asked."""
    manifest_sha256: str | None
    """Of manifest.json; None for a candidate."""
    title: str
    """Of the survey."""
    synthetic: bool
    """Whether the people are made up."""
    demo: tuple[str, ...]
    """Why the release is a demo; empty for a research release."""
    models: tuple[ModelSpec, ...]
    train_pairs: int
    test_pairs: int
    """Complete same-country pairs of the split."""
    asked_pairs: int
    """Of these, drawn to be asked."""
    respondents: int
    """People in the pairs asked."""
    countries: int
    labels: dict[str, int]
    """What raters said of the pairs asked, or adjudicators of their questions: label, `repair` or `drop` -> pairs."""
    reviewers: str = "raters"
    """Who these raters are: `people`, `simulated raters` and so on; `raters` where an older result does not say."""
    dropped: dict[str, int]
    """`ablation: reason` -> pairs that could not be asked so."""
    prompt_version: int
    made_with: dict[str, str]
    """Package -> version."""


class Attestation(Record):
    """Results on a sealed release, kept beside it."""

    attestation: int = 1
    created_at: str
    """ISO 8601, UTC."""
    evaluated: Evaluated
    results: tuple[EvalResult, ...]


class EvalDone(Record):
    """What `eval run` and `validate` return; every result is in the files that they name."""

    release: str
    headlines: tuple[EvalResult, ...]
    """Pair accuracy over all pairs and over confirmed ones, by model and headline."""
    results: int
    predictions: int
    report: str
    """Path of the page, relative to the study."""


class Trained(Record):
    """What `train` returns."""

    release: str
    stage: Stage
    model: str
    """Folder of the merged model, relative to the study."""
