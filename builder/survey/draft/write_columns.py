"""The part of a draft that is about columns of answers: demographics, items, missing codes, weights."""

from collections.abc import Mapping, Sequence

from builder.survey.draft.batteries import Items, Questionnaire, direction_hint, range_seen
from builder.survey.draft.codes import NoAnswer
from builder.survey.draft.demographics import DemographicGuess
from builder.survey.draft.facts import clean
from builder.survey.draft.guess import Draft
from builder.survey.draft.words import words
from builder.survey.draft.yaml_text import TODO, Page, code, flow, scalar
from schemas.codebook import Scale

SHOWN = 12
"""Columns that are named in a comment; the rest is counted."""
ITEM_TEXT = 240


def write_columns(page: Page, draft: Draft) -> None:
    """Write demographics, items, missing codes, weights and sampling, and what was left out."""
    for part in (_people, _items, _codes, _design, _rest):
        part(page, draft)


def _people(page: Page, draft: Draft) -> None:
    if draft.demographics:
        page.put("demographics", "")
        for one in draft.demographics:
            _demographic(page, one)
    if draft.region is not None:
        page.note(
            f"{draft.region.column} looks like a region. If it lies above the country, add `region: "
            f"{draft.region.column}`. Within one it can single people out: it is not read, unless you make it a "
            "demographic.",
        )
    if draft.own_words:
        page.note(
            f"People's own words are in {_few(draft.own_words)}. They are not read; `free_text` names those that "
            "consent and licence allow to use."
        )


def _demographic(page: Page, one: DemographicGuess) -> None:
    page.item(f"name: {one.name}" + (f"  # {clean(one.why)}" if one.why else ""))
    page.put("column", scalar(one.column), indent=4)
    if one.low is not None:
        page.put("low", str(one.low), indent=4)
        page.put("high", str(one.high), "a row outside is set aside", indent=4)
        page.put("bands", str(list(one.bands)), "only the band is kept, never the age", 4)
    known = {name: text for name, text in one.labels.items() if text is not None}
    if len(known) == len(one.labels) and known:
        page.mapping("labels", {name: clean(text) for name, text in known.items()}, 4)
    elif one.labels:
        page.put("labels", "", indent=4)
        for name, text in one.labels.items():
            if text is None:
                page.gap(code(name), "what this code means, in words", f"demographics.{one.name}.labels", 6)
            else:
                page.put(code(name), scalar(clean(text)), indent=6)
    if one.missing:
        _missing(page, "missing", one.missing, 4)
    if one.hint:
        page.note(one.hint, 4)


def _items(page: Page, draft: Draft) -> None:
    if draft.questionnaire is not None:
        _questionnaire(page, draft.questionnaire)
    elif draft.items:
        _batteries(page, draft)
    else:
        why = (
            "too many columns have answers on a scale"
            if draft.other_batteries
            else "no columns in a row have the same answers"
        )
        page.gap(
            "items",
            f"those that measure values ({why}), one a line: "
            "- {column: NAME, text: the question, dimension: one of the framework, scale: {low: 1, high: 5}}",
        )
    if draft.worded:
        page.note(
            f"{_few(draft.worded)} hold the same answers in words. An item needs numbers: export the file with numeric "
            "values and describe it again."
        )
    if draft.other_batteries:
        told = "; ".join(f"{_few(one.names)} ({one.bounds[0]:g}-{one.bounds[1]:g})" for one in draft.other_batteries)
        page.note(f"Also in a row on a scale, and not read: {told}.")


def _questionnaire(page: Page, found: Questionnaire) -> None:
    page.put("instrument", "")
    page.note(
        f"{found.framework.title}: check that these are its questions and in its order (by {found.order}).",
        2,
    )
    page.listed("columns", found.columns, 2)
    if found.scale is not None:
        page.put("scale", _scale(found.scale, found.codes.labels), "the file's own numbers", 2)
    if found.turned:
        page.put("turned", "true", found.direction, 2)
    elif found.direction:
        page.note(
            found.direction
            + (" Add `turned: true` where they run the other way." if "Check" in found.direction else ""),
            2,
        )


def _batteries(page: Page, draft: Draft) -> None:
    page.put("items", "")
    framework = draft.framework
    among = ", ".join(one.name for one in framework.dimensions) if framework else "the dimensions of your framework"
    if not all(any(column.texts) for one in draft.items for column in one.battery.columns):
        page.note("The file has no question for some: write it under `text`, or what it is about.", 2)
    if any(name not in one.dimensions for one in draft.items for name in one.battery.names):
        page.note(f"{TODO} dimension: one of {among}. Take out the items that measure none.", 2)
        page.note("Add `reverse: true` where a larger number means less of the dimension: the file cannot tell.", 2)
    for one in draft.items:
        _battery(page, one, draft.item_missing, draft.missing)


def _battery(page: Page, items: Items, among: Mapping[str, NoAnswer], everywhere: Mapping[str, NoAnswer]) -> None:
    battery = items.battery
    page.note(f"{len(battery.columns)} columns {items.why or 'in a row with the same answers'}.", 2)
    if battery.is_bounded and not battery.codes.labels:
        low, high = battery.bounds
        page.note(f"{low:g} to {high:g} is what was answered: check that the scale has no further answers.", 2)
    if hint := direction_hint(battery.codes):
        page.note(hint, 2)
    own = {
        one: kind for one, kind in battery.codes.missing.items() if one not in everywhere and _other(among, one, kind)
    }
    for column in battery.columns:
        page.item(f"column: {scalar(column.name)}")
        if text := clean(column.question or column.label, ITEM_TEXT):
            page.put("text", scalar(text), indent=4)
        dimension = items.dimensions.get(column.name)
        if dimension is None:
            page.todo.append("items.dimension")
        page.put("dimension", dimension or TODO, indent=4)
        _bounds(page, items)
        if own:
            page.mapping("missing", {one: kind.kind.value for one, kind in own.items()}, 4)


def _bounds(page: Page, items: Items) -> None:
    battery = items.battery
    low, high = battery.bounds
    if battery.is_bounded:
        page.put("scale", _scale(Scale(low=low, high=high if high > low else low + 1), battery.codes.labels), indent=4)
        return
    seen, printed = range_seen(battery.columns), items.printed
    told = f"; people have {seen[0]:g} to {seen[1]:g}" if seen else ""
    example = f"{_scale(Scale(low=printed.scale.low, high=printed.scale.high), {})}" if printed else "{low: 1, high: 5}"
    page.gap("scale", f"the lowest and highest score possible, e.g. {example}{told}", "items.scale", 4)


def _other(among: Mapping[str, NoAnswer], one: str, kind: NoAnswer) -> bool:
    return one not in among or among[one].kind != kind.kind


def _scale(scale: Scale, labels: Mapping[str, str]) -> str:
    told = f", labels: {flow({one: clean(label) for one, label in labels.items()})}" if labels else ""
    return f"{{low: {scale.low:g}, high: {scale.high:g}{told}}}"


def _codes(page: Page, draft: Draft) -> None:
    if draft.missing:
        page.note("Cells that are no value in any column.")
        _missing(page, "missing", draft.missing, 0)
    if draft.item_missing:
        page.note("Cells that are no answer to an item; in other columns they may be values.")
        _missing(page, "item_missing", draft.item_missing, 0)


def _missing(page: Page, key: str, kinds: Mapping[str, NoAnswer], indent: int) -> None:
    page.mapping(
        key,
        {one: kind.kind.value for one, kind in kinds.items()},
        indent,
        {one: kind.why for one, kind in kinds.items() if kind.why != one},
    )


def _design(page: Page, draft: Draft) -> None:
    if draft.weights:
        page.put("weights", "")
        for role, guess in draft.weights.items():
            page.put(role, scalar(guess.column), guess.why, 2)
        if {"design", "post_stratification"} <= set(draft.weights):
            _multiplied(page, draft.weights["design"].column, draft.weights["post_stratification"].column)
        if draft.other_weights:
            page.note(f"Other weights, not read: {_few(draft.other_weights)}", 2)
    elif draft.facts.first is not None or draft.facts.columns:
        page.note(
            "No weights were recognised: without them everyone counts alike. Where the file has some: "
            "`weights: {design: NAME, post_stratification: NAME}`."
        )
    for key, sampling in (("psu", draft.psu), ("stratum", draft.stratum)):
        if sampling is not None:
            page.put(key, scalar(sampling.column), sampling.why)


def _multiplied(page: Page, design: str, post: str) -> None:
    if post.lower() in words().with_design:
        why = f"{post} has the design weight in it: the two must not be multiplied"
        page.put("within_country", "[post_stratification]", why, 2)
        return
    page.note(
        f"{TODO} is {design} part of {post} already? In most surveys it is, and the line below is right. Where it is "
        "not, the two are multiplied: `within_country: [design, post_stratification]`.",
        2,
    )
    page.put("within_country", "[post_stratification]", indent=2)


def _rest(page: Page, draft: Draft) -> None:
    if draft.left_out:
        page.note(f"Left out, as they are sensitive or tell who a person is: {_few(draft.left_out)}.")
    if draft.unfit:
        told = [f"{name} ({role.replace('_', ' ')})" for name, role in draft.unfit.items()]
        page.note(f"Not read, though the names fit, since the cells did not: {_few(told)}. Look whether they matter.")
    if draft.unknown:
        page.note(
            f"Not read, and nothing in the file says what they hold: {_few(draft.unknown)}. Is one of them an id, a "
            "weight, a language, gender, age, education? The names of such columns are recognised in some languages "
            "only."
        )


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(clean(name, 60) for name in names[:SHOWN])
    return shown + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
