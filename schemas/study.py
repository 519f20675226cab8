"""`study.yaml`: the one configuration, a closed section per stage."""

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.questions import Recipe
from schemas.record import Record
from schemas.survey import CountryOf
from schemas.values import Split

STUDY_FORMAT = 1
SUM_TOLERANCE = 1e-9


class SurveySection(Record):
    """Where the answers are and how they are read."""

    file: str | None = None
    """Survey file or folder; relative paths start at the study. None until it is named: `survey import` needs it."""
    codebook: str = "codebook.yaml"
    country: CountryOf = CountryOf.RESIDENCE
    """Which of a person's countries the study is about, where the survey knows both."""


class LevelRule(Record):
    """How the level of a profile's score is told. Sides of questions follow the rule `sure` in any case."""

    rule: Literal["sure", "thresholds"] = "sure"
    """`sure`: centred and standardised score agree and both exceed one standard error. `thresholds`: by the raw score
    alone, as the reference does."""
    high: float = Field(default=80, ge=0, le=100)
    """Of `thresholds`: from here on high."""
    low: float = Field(default=60, ge=0, le=100)
    """Of `thresholds`: up to here low."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError("profile.levels: low must be below high")
        return self


class ProfileSection(Record):
    """Splits, domains, and on what ground values are held."""

    splits: dict[Split, float] = {Split.TRAIN: 0.6, Split.VALIDATION: 0.1, Split.TEST: 0.3}
    out_of_domain: tuple[str, ...] = ()
    """ISO alpha-2 codes of countries that are evaluated and never trained on."""
    levels: LevelRule = LevelRule()
    ground: str = ""
    """On what ground the study holds special-category data (GDPR Art. 9), in words."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if abs(sum(self.splits.values()) - 1) > SUM_TOLERANCE or any(share < 0 for share in self.splits.values()):
            raise ValueError("profile.splits: shares must be non-negative and sum to 1")
        return self


class WriterSection(Record):
    """Who writes the questions."""

    kind: Literal["template", "openai"] = "template"
    model: str | None = None
    base_url: str | None = None
    key_env: str = "OPENAI_API_KEY"
    """Name of the environment variable that holds the key; the key itself stands nowhere."""
    temperature: float = Field(default=0.7, ge=0, le=2)
    max_tokens: int = Field(default=700, ge=1)
    """Of one question."""
    in_flight: int = Field(default=8, ge=1)
    price_per_million_prompt_tokens: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    price_per_million_completion_tokens: float | None = Field(default=None, ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _model(self) -> Self:
        if self.kind == "openai" and not self.model:
            raise ValueError("generate.writer: `openai` needs `model`")
        return self


class ReaderSection(Record):
    """A model that reads questions: the judge of `generate`, the blind reader of `audit`."""

    model: str
    base_url: str | None = None
    key_env: str = "OPENAI_API_KEY"
    """Name of the environment variable that holds the key; the key itself stands nowhere."""
    temperature: float = Field(default=0.0, ge=0, le=2)
    max_tokens: int = Field(default=200, ge=1)
    in_flight: int = Field(default=8, ge=1)
    price_per_million_prompt_tokens: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    price_per_million_completion_tokens: float | None = Field(default=None, ge=0, allow_inf_nan=False)


class GenerateSection(Record):
    """Recipes, writer, and how far people are reused."""

    recipes: tuple[Recipe, ...] = Field(default=(Recipe.SIDES, Recipe.TRADEOFF), min_length=1)
    writer: WriterSection = WriterSection()
    judge: ReaderSection | None = None
    """A second model that looks for what no rule finds; None for no such pass."""
    max_uses: int = Field(default=2, ge=1)
    """How many different counterparts one person may have."""
    max_per_couple: int = Field(default=6, ge=1)
    """Questions one couple shares, over both recipes."""
    regional: bool = True
    """Whether people without a counterpart in their country may be matched within their region (marked)."""


class AuditSection(Record):
    """Who reads the questions blind, beside the classifiers."""

    reader: ReaderSection | None = None
    """A model that is shown questions without the person; None for classifiers alone."""
    max_questions: int = Field(default=400, ge=1)
    """Of each recipe, drawn by hash, that the model reads; all when there are fewer."""


class AnnotateSection(Record):
    """The declared sample and the raters' places."""

    pairs: int = Field(default=60, ge=1)
    """Pairs sent to raters, over all countries: the sample size, declared before the work starts."""
    countries: tuple[str, ...] = ()
    """ISO alpha-2 codes of the countries that are annotated; empty: all."""
    slots: int = Field(default=3, ge=3)
    """Raters of the person task in each country and language. No rater sees both members of a pair, so at least three
    are needed for overlap: then one member of each pair has two, with four both have."""
    deep_share: float = Field(default=0, ge=0, le=1)
    """Of the sampled pairs, in each stratum, that `deep_slots` raters judge instead of `slots`."""
    deep_slots: int = Field(default=6, ge=4)
    item_slots: int = Field(default=3, ge=0)
    """Other raters in each country and language, who judge the sampled questions without a person; 0: no item task.
    Models of raters (Dawid-Skene, MACE) take three."""
    comprehension: int = Field(default=2, ge=0)
    """Tasks in each person slot of which one answer plainly fits."""
    repeats: float = Field(default=0.05, ge=0, le=0.3)
    """Share of each slot's tasks shown again with A and B swapped; at least one where it is not 0."""
    violations: int = Field(default=2, ge=0)
    """Tasks in each item slot with an answer to another question."""
    raters: str | None = None
    """CSV with the columns `rater`, `country`, `languages` (parted by spaces); relative paths start at the study. None:
    slots are given out by hand."""
    url: str | None = None
    """A Label Studio of your own; None for the one that `annotate serve` runs."""
    key_env: str = "LABEL_STUDIO_API_KEY"

    @model_validator(mode="after")
    def _deeper(self) -> Self:
        if self.deep_share > 0 and self.deep_slots <= self.slots:
            raise ValueError("annotate: deep_slots must be more than slots where deep_share is not 0")
        return self


class ReleaseSection(Record):
    """Name, licence and gates."""

    name: str | None = None
    """None for the study's."""
    licence: str = "CC-BY-4.0"
    """SPDX id."""
    authors: tuple[str, ...] = ()
    """Who is to be cited, as names; empty: "the authors of <name>"."""
    min_alpha: float = 0.4
    """Lower bound of the alpha interval that the agreement gate asks for."""
    min_units: int = 100
    """Units below which agreement counts as not measured."""


class EvalSection(Record):
    """The model and how much of it is asked."""

    model: str | None = None
    """Local model folder; None for the bundled tiny model."""
    max_pairs: int = Field(default=400, ge=1)
    """Test pairs scored, drawn by hash; all when there are fewer."""
    replies: int = Field(default=40, ge=0)
    """Instances for which a reply is generated."""
    threads: int = Field(default=1, ge=1)


class TrainSection(Record):
    """How a model is tuned."""

    preset: Literal["tiny", "default", "paper"] = "tiny"
    seed: int = 1
    max_pairs: int = Field(default=400, ge=1)


class StudyConfig(Record):
    """The whole of study.yaml."""

    format: Literal[1]
    name: str
    survey: SurveySection
    profile: ProfileSection = ProfileSection()
    generate: GenerateSection = GenerateSection()
    audit: AuditSection = AuditSection()
    annotate: AnnotateSection = AnnotateSection()
    release: ReleaseSection = ReleaseSection()
    eval: EvalSection = EvalSection()
    train: TrainSection = TrainSection()

    @property
    def release_name(self) -> str:
        """What releases are called."""
        return self.release.name or self.name
