"""The page: what stands in each section, and the template that lays it out."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from builder.survey.countries import country_name
from eval.metrics import FLAGGED_BELOW, HEADLINES, HIDDEN_BELOW, OUTCOMES
from eval.report.book import Book
from eval.report.curves import Curve, drawing
from eval.report.plots import DIFFERENCES, SHARES, Entry, Plot, Scale, plot
from eval.report.words import BASELINES, SHOWN, STAGES, interval, model_name, nats, percent
from mvpbench.page import environment
from schemas.evaluation import Ablation, EvalResult, Evaluated, ModelSpec, Prediction
from schemas.labels import RULED_OUT

Z_80 = 2.8
"""Normal quantiles of .975 and .80 together: an effect of so many standard errors is found four times in five."""
Z_95 = 1.96

OUTCOME_WORDS = {
    "both_right": "both right",
    "same_answer_twice": "same answer for both",
    "both_wrong": "both wrong",
    "undecided": "tied or missing",
}

TITLES = {Ablation.FULL: "Use of stated values", Ablation.CONTEXT: "Inference of values"}
EXPLAINED = {
    Ablation.FULL: "The values that the question turns on are in the prompt, with the person's demographics. "
    "Does the model's preference between the two answers follow them?",
    Ablation.CONTEXT: "The values that the question turns on are withheld. Can the model tell the person's side from "
    "demographics and their other values?",
}

LABELS = {
    "confirmed": "confirmed by raters",
    "unreviewed": "not reviewed",
    "contested": "contested",
    "cannot_tell": "raters could not tell",
    "repair": "question to be repaired",
    "drop": "question to be dropped",
}
"""What people said of a pair, in words."""

EXAMPLES = 4
"""Examples of replies shown a model."""


class Bar(NamedTuple):
    """How the pairs of one model came out: (class, words, share, text) from left to right."""

    label: str
    parts: tuple[tuple[str, str, float, str], ...]


class HeadlineSection(NamedTuple):
    """One of the two headlines."""

    title: str
    explained: str
    anchor: str
    undefined: str | None
    verdicts: tuple[str, ...]
    accuracy: Plot
    gain: Plot
    bars: tuple[Bar, ...]
    countries: Plot
    hidden: tuple[str, ...]
    spread: tuple[str, ...]
    parts: Plot


def render(
    evaluated: Evaluated,
    results: Sequence[EvalResult],
    predictions: Sequence[Prediction] = (),
    curves: Sequence[Curve] = (),
) -> str:
    """Return the page as HTML; every text of people and models in it is escaped.

    Args:
        evaluated: what was evaluated; its `models` in the order of tuning.
        results: of all of them.
        predictions: from which a few generated replies are shown.
        curves: of training, drawn in their order.
    """
    book = Book(results, evaluated.models)
    drawn = [found for curve in curves if (found := drawing(curve)) is not None]
    return (
        environment(Path(__file__).parent)
        .get_template("page.html.j2")
        .render(
            evaluated=evaluated,
            models=[(_kind(spec), _name(book, spec)) for spec in book.models],
            headlines=[_headline(book, ablation) for ablation in TITLES],
            ablations=_ablations(book),
            control=_control(book),
            domains=_groups(book, Ablation.FULL, "domain"),
            baselines=_baselines(book),
            excess=_excess(book),
            replies=_replies(book),
            examples=_examples(predictions, book),
            likelihoods=_likelihoods(book),
            drawn=drawn,
            flagged=FLAGGED_BELOW,
            hidden=HIDDEN_BELOW,
            detectable=_detectable(book),
        )
    )


def _kind(spec: ModelSpec) -> str:
    return str(spec.stage)


def _name(book: Book, spec: ModelSpec) -> str:
    return model_name(spec, alone=len(book.models) == 1)


def _headline(book: Book, ablation: Ablation) -> HeadlineSection:
    whole = [(spec, book.of(spec, ablation, "pair_accuracy")) for spec in book.models]
    measured = [(spec, result) for spec, result in whole if result is not None and result.value is not None]
    reason = next((result.undefined for _, result in whole if result is not None and result.value is None), None)
    shown, hidden = _countries(book, ablation)
    return HeadlineSection(
        title=TITLES[ablation],
        explained=EXPLAINED[ablation],
        anchor=str(ablation),
        undefined=None if measured else reason or "not asked",
        verdicts=tuple(
            _verdict(_name(book, spec), *_primary(book, spec, ablation, result)) for spec, result in measured
        ),
        accuracy=plot([*_labelled(book, ablation)]),
        gain=_differences(book, ablation, "gain_over_", {stage: f"over {words}" for stage, words in STAGES.items()}),
        bars=tuple(_bars(book, ablation)),
        countries=plot(shown),
        hidden=hidden,
        spread=tuple(_spread(book, ablation)),
        parts=plot([*_groups_of(book, ablation, "recipe"), *_groups_of(book, ablation, "dimension")]),
    )


def _primary(book: Book, spec: ModelSpec, ablation: Ablation, whole: EvalResult) -> tuple[EvalResult, str]:
    """The figure over confirmed pairs where there is one, else over those that say nothing against it, and what it is.

    Pairs whose question was ruled out are in neither, as long as there are others.
    """
    of = {label: book.of(spec, ablation, "pair_accuracy", label=label) for label in LABELS}
    confirmed, unreviewed = of["confirmed"], of["unreviewed"]
    if confirmed is not None and confirmed.value is not None:
        return confirmed, "confirmed pairs"
    if not any(of[ruling] for ruling in RULED_OUT):
        return whole, "all pairs, as none was confirmed by raters"
    if unreviewed is not None and unreviewed.value is not None:
        return unreviewed, "pairs that were not reviewed, as none that raters confirmed has a sound question"
    return whole, "all pairs, also of questions that adjudicators ruled out: none is left that raters confirmed"


def _verdict(name: str, result: EvalResult, over: str) -> str:
    between = interval(result)
    if not between:
        return f"{name}: {percent(result)} over {over}, without an interval ({result.undefined})"
    beside = "above" if (result.low or 0) > SHARES.reference else "not told apart from"
    if (result.high or 1) < SHARES.reference:
        beside = "below"
    return f"{name}: {percent(result)} over {over} (95 % interval {between}), {beside} one half"


def _labelled(book: Book, ablation: Ablation) -> Iterator[Entry]:
    """The primary figure, then what was not reviewed, not confirmed, or ruled out by adjudicators, then all.

    Where nothing was reviewed, all is one row.
    """
    there = book.groups(ablation, "label")
    for label, words in LABELS.items():
        if label in there and there != ["unreviewed"]:
            yield _entry(book, ablation, words, {"label": label})
    yield _entry(book, ablation, "all test pairs", {})


def _entry(book: Book, ablation: Ablation, label: str, group: dict[str, str]) -> Entry:
    found = [(_kind(spec), book.of(spec, ablation, "pair_accuracy", **group)) for spec in book.models]
    there = [(kind, result) for kind, result in found if result is not None]
    most = max((result for _, result in there), key=lambda result: result.instances, default=None)
    note = f"{most.instances // 2:,} pairs, {most.respondents:,} people" if most is not None else ""
    return label, note, there


def _differences(book: Book, ablation: Ablation, prefix: str, words: Mapping[str, str]) -> Plot:
    """One row for each scorer that models are compared with; `words` name them."""
    entries: list[Entry] = []
    for over in words:
        results = [(_kind(spec), book.of(spec, ablation, prefix + over)) for spec in book.models]
        there = [(kind, result) for kind, result in results if result is not None]
        if there:
            entries.append((words[over], f"{there[0][1].instances // 2:,} pairs", there))
    ends = [
        abs(end)
        for _, _, results in entries
        for _, result in results
        for end in (result.value, result.low, result.high)
        if end is not None
    ]
    reach = 1.0 if max(ends, default=0) > DIFFERENCES.high else DIFFERENCES.high
    return plot(entries, Scale(-reach, reach, 0.0, signed=True))


def _bars(book: Book, ablation: Ablation) -> Iterator[Bar]:
    for spec in book.models:
        found = [(name, book.of(spec, ablation, name)) for name in OUTCOMES]
        parts = [
            (name, OUTCOME_WORDS[name], round(100 * result.value, 2), percent(result))
            for name, result in found
            if result is not None and result.value
        ]
        if parts:
            yield Bar(_name(book, spec), tuple(parts))


def _countries(book: Book, ablation: Ablation) -> tuple[list[Entry], tuple[str, ...]]:
    shown: list[Entry] = []
    hidden: list[str] = []
    for code in book.groups(ablation, "country"):
        entry = _entry(book, ablation, country_name(code), {"country": code})
        results = [result for _, result in entry[2]]
        if all(result.respondents < HIDDEN_BELOW for result in results):
            hidden.append(country_name(code))
        else:
            shown.append(entry)
    return shown, tuple(sorted(hidden))


def _spread(book: Book, ablation: Ablation) -> Iterator[str]:
    for spec in book.models:
        sd, p = (book.of(spec, ablation, name) for name in ("between_country_sd", "between_country_p"))
        if sd is None or p is None:
            continue
        if sd.value is None or p.value is None:
            yield f"{_name(book, spec)}: not measured ({sd.undefined})"
        else:
            chance = "p < 0.001" if p.value < 0.001 else f"p = {p.value:.2g}"  # noqa: PLR2004 - as 2,000 draws bear
            yield f"{_name(book, spec)}: standard deviation {100 * sd.value:.0f} points, {chance}"


def _groups_of(book: Book, ablation: Ablation, label: str) -> list[Entry]:
    return [
        _entry(book, ablation, f"{label} {value}".replace("_", " "), {label: value})
        for value in sorted(book.groups(ablation, label))
    ]


def _groups(book: Book, ablation: Ablation, label: str) -> Plot:
    words = {"in": "in-domain countries", "out": "out-of-domain countries"}
    return plot(
        [_entry(book, ablation, words.get(value, value), {label: value}) for value in book.groups(ablation, label)]
    )


def _ablations(book: Book) -> Plot:
    shown = [ablation for ablation in SHOWN if ablation is not Ablation.SHUFFLED]
    return plot([_entry(book, ablation, SHOWN[ablation], {}) for ablation in shown])


def _control(book: Book) -> Plot:
    return plot([_entry(book, Ablation.SHUFFLED, SHOWN[Ablation.SHUFFLED], {})])


def _baselines(book: Book) -> Plot:
    return plot(
        [
            (BASELINES.get(name, name), f"{result.instances // 2:,} pairs", [("baseline", result)])
            for result in book.named("baseline_accuracy")
            for name in [result.model.removeprefix("baseline:")]
        ]
    )


def _excess(book: Book) -> list[tuple[str, Plot]]:
    return [
        (
            title,
            _differences(book, ablation, "excess_over_", BASELINES),
        )
        for ablation, title in TITLES.items()
    ]


def _replies(book: Book) -> list[tuple[str, str, list[str]]]:
    """One row a headline and model: shares of replies nearest to each answer, and the likelihoods' accuracy beside."""
    rows = []
    for ablation, headline in HEADLINES.items():
        for spec in book.models:
            found = [book.of(spec, ablation, f"reply_{side}") for side in ("expected", "other", "neither")]
            accuracy = book.of(spec, ablation, "pair_accuracy")
            if accuracy is not None and any(result is not None and result.value is not None for result in found):
                cells = [_cell(result) for result in (*found, accuracy)]
                rows.append((str(headline), _name(book, spec), cells))
    return rows


def _likelihoods(book: Book) -> list[tuple[str, str, list[str]]]:
    rows = []
    for ablation, headline in HEADLINES.items():
        for spec in book.models:
            names = ("expected_logprob_mean", "other_logprob_mean", "margin")
            found = [book.of(spec, ablation, name) for name in names]
            rest = [book.of(spec, ablation, name) for name in ("length_controlled_accuracy", "missing_share")]
            if found[0] is not None and found[0].value is not None:
                cells = [nats(result) for result in found if result is not None]
                rows.append((str(headline), _name(book, spec), [*cells, *map(_cell, rest)]))
    return rows


def _cell(result: EvalResult | None) -> str:
    if result is None or result.value is None:
        return "–"
    between = interval(result)
    return f"{percent(result)} ({between})" if between else percent(result)


def _examples(predictions: Sequence[Prediction], book: Book) -> list[tuple[str, str, str]]:
    """(model, reply, the answer it is nearest to) of the first replies of each model, the same instances for all."""
    shown = []
    for spec in book.models:
        own = [
            row
            for row in predictions
            if row.reply is not None
            and row.ablation is Ablation.FULL
            and (row.model, row.stage) == (spec.name, spec.stage)
        ]
        shown += [(_name(book, spec), row.reply or "", row.reply_chose or "") for row in own[:EXAMPLES]]
    return shown


def _detectable(book: Book) -> str | None:
    """How far from one half the accuracy must lie to be found four times in five, in points; None without intervals."""
    widths = [
        (result.high - result.low) / (2 * Z_95)
        for spec in book.models
        for result in [book.of(spec, Ablation.FULL, "pair_accuracy")]
        if result is not None and result.low is not None and result.high is not None
    ]
    return f"{100 * Z_80 * max(widths):.0f}" if widths else None
