"""Who fills which slot: raters of the slot's country who read its language, else the next best, and it is written down.

Nobody gets two slots, so that no rater sees both members of a pair or both tasks of a question.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from annotation.slots import Group, in_order, place_of
from builder.countries.places import language_subtag, standard_tag
from builder.survey.countries import is_country_code
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study
from schemas.annotation import Fit, Placement, TaskKind
from schemas.errors import InputError
from schemas.visible import is_seen

COLUMNS = ("rater", "country", "languages")
PLACEMENT = "placement"
"""Kind of journal write: a slot given to a rater; keys are slots, payloads `Placement` records."""


class Rater(NamedTuple):
    """Somebody on the study's list."""

    name: str
    """As the list calls them: a code or a name, unique in it."""
    country: str
    """ISO alpha-2."""
    languages: tuple[str, ...]
    """BCP 47 tags of what they read."""


def read_roster(path: Path) -> list[Rater]:
    """Return the raters of a CSV file with the columns `rater`, `country`, `languages` (parted by spaces).

    Raises:
        InputError: `file-missing`, `file-unreadable`, `column-missing`, `blank-cell`, `rater-twice`,
            `name-unseen`, `country-unknown`, `language-unknown`; names file, row (1 is the first after the header)
            and column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        raise InputError("file-missing", "the list of raters", where=str(path), found="no file") from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError("file-unreadable", "the list of raters", where=str(path), found=str(exc)) from exc
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        columns, rows = reader.fieldnames or (), list(reader)
    except csv.Error as exc:
        where = f"{path}, line {reader.line_num + 1}"
        raise InputError("file-unreadable", "the list of raters", where=where, found=str(exc)) from exc
    if missing := [name for name in COLUMNS if name not in columns]:
        raise InputError(
            "column-missing",
            "the list of raters",
            where=str(path),
            found=", ".join(columns) or "an empty file",
            expected=f"the columns {', '.join(COLUMNS)}; lacking: {', '.join(missing)}",
        )
    raters: dict[str, Rater] = {}
    for number, row in enumerate(rows, start=1):
        one = _rater(row, f"{path}, row {number}")
        if one.name in raters:
            raise InputError("rater-twice", f"rater {one.name!r}", where=f"{path}, row {number}", found="listed before")
        raters[one.name] = one
    return list(raters.values())


def give_slots(study: Study, journal: Journal, slots: Sequence[str]) -> list[Placement]:
    """Return whom each slot is given to, written down for those who get one now; empty where the study has no list.

    Raises InputError as `read_roster` does.
    """
    if study.config.annotate.raters is None:
        return []
    raters = read_roster(study.root / study.config.annotate.raters)
    given = placements(journal)
    placed = place_raters(slots, raters, given)
    with journal.batch():
        for one in placed:
            if one.rater is not None and one.slot not in given:
                journal.begin_write(PLACEMENT, one.slot, one.model_dump_json())
                journal.finish_write(PLACEMENT, one.slot, "")
    return placed


def placements(journal: Journal) -> dict[str, Placement]:
    """Return every placement that was written down, by slot."""
    return {one.key: Placement.model_validate_json(one.payload) for one in journal.writes(PLACEMENT)}


def place_raters(slots: Sequence[str], raters: Sequence[Rater], given: Mapping[str, Placement]) -> list[Placement]:
    """Return a placement for every slot, in slot order.

    `given` are placements of before, by slot: one with a rater stands. The best fits are made first over all slots, so
    that nobody from elsewhere takes the place of a compatriot; among equals the earlier slot and the earlier rater.
    """
    placed = {slot: one for slot, one in given.items() if one.rater is not None}
    taken = {one.rater for one in placed.values()}
    # Persons first: what fits a person is a question for compatriots; a text's defects are more plainly seen.
    ordered = sorted(in_order(slots), key=lambda slot: place_of(slot).task is TaskKind.ITEM)
    for fit in (Fit.COUNTRY, Fit.LANGUAGE):
        for slot in ordered:
            if slot in placed:
                continue
            group = place_of(slot).group
            found = next((one for one in raters if one.name not in taken and _fits(one, group, fit)), None)
            if found is not None:
                placed[slot] = _placement(slot, found, fit)
                taken.add(found.name)
    return [placed.get(slot) or _placement(slot, None, Fit.NONE) for slot in in_order(slots)]


def _fits(rater: Rater, group: Group, fit: Fit) -> bool:
    read = {language_subtag(tag) for tag in rater.languages}
    if language_subtag(group.language) not in read:
        return False
    return fit is Fit.LANGUAGE or rater.country == group.country


def _placement(slot: str, rater: Rater | None, fit: Fit) -> Placement:
    group = place_of(slot).group
    return Placement(
        slot=slot,
        country=group.country,
        language=group.language,
        rater=rater.name if rater else None,
        rater_country=rater.country if rater else None,
        fit=fit,
    )


def _rater(row: Mapping[str, str | None], where: str) -> Rater:
    name, country, languages = ((row.get(column) or "").strip() for column in COLUMNS)
    for column, cell in zip(COLUMNS, (name, country, languages), strict=True):
        if not cell:
            raise InputError("blank-cell", "the list of raters", where=f"{where}, column {column!r}", found="nothing")
    if hidden := sorted({ord(char) for char in name if not is_seen(char)}):
        raise InputError(
            "name-unseen",
            "the name of a rater",
            where=f"{where}, column 'rater'",
            found="characters that nobody sees: " + ", ".join(f"U+{number:04X}" for number in hidden),
            expected="a name or code that looks as it is",
        )
    if not is_country_code(country):
        expected = "an ISO 3166-1 alpha-2 code, such as KE"
        raise InputError("country-unknown", f"rater {name!r}", where=where, found=repr(country), expected=expected)
    tags: list[str] = []
    for tag in languages.split():
        standard = standard_tag(tag)
        if standard is None:
            expected = "BCP 47 tags parted by spaces, such as sw en"
            raise InputError("language-unknown", f"rater {name!r}", where=where, found=repr(tag), expected=expected)
        tags.append(standard)
    return Rater(name, country, tuple(tags))
