"""Made-up survey files as field teams give them out, and the codebook that a person would write for them."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat

from builder.frameworks import load_framework
from builder.survey.draft.facts import Column, FileFacts
from builder.survey.draft.seen import FirstRows, Seen
from builder.survey.importing import import_survey
from builder.survey.raw import Cell
from schemas.codebook import Codebook
from schemas.survey import Respondent

MFQ2 = tuple(f"mfq_{number}" for number in range(1, 37))
DESCRIBES = {
    1: "Does not describe me at all",
    2: "Slightly describes me",
    3: "Moderately describes me",
    4: "Describes me fairly well",
    5: "Describes me extremely well",
}
LABELS = {
    "respid": "Respondent number",
    "consent": "Do you agree to take part?",
    "lang": "Language of interview",
    "county": "County",
    "q1": "Sex of respondent",
    "q2": "How old are you?",
    "educ": "Highest level of education",
    "q9": "Religion",
    "w_design": "Design weight",
    "w_post": "Post-stratification weight",
    "ea": "Enumeration area",
    "why": "In your own words: what matters to you?",
    **{name: f"Statement {number}" for number, name in enumerate(MFQ2, 1)},
}
VALUE_LABELS: dict[str, dict[float, str]] = {
    "consent": {1: "Yes", 2: "No"},
    "lang": {1: "English", 2: "Kiswahili"},
    "county": {1: "Kisumu", 2: "Nairobi", 3: "Mombasa"},
    "q1": {1: "Male", 2: "Female", 9: "Refused"},
    "q2": {999: "Refused"},
    "educ": {0: "No school", 1: "Primary", 2: "Secondary", 3: "Higher", 8: "Don't know"},
    "q9": {1: "Christian", 2: "Muslim", 3: "None"},
    **{name: {**DESCRIBES, 97: "Prefer not to say", 98: "Don't know"} for name in MFQ2},
}
BY_HAND = """\
codebook: 1
name: kenya
title: Values in Kenya
version: "1"
framework: mfq2
citation: Otieno (2026), Values in Kenya
licence: CC-BY-4.0
language_column: {column: lang, names: {"1": en, "2": sw}}
consent: {column: consent, agreed: ["1"]}
id: respid
country: {constant: KE}
demographics:
  - {name: gender, column: q1, labels: {"1": Male, "2": Female}, missing: {"9": refused}}
  - {name: age, column: q2, low: 18, high: 110, bands: [18, 25, 35, 45, 55, 65, 75], missing: {"999": refused}}
  - name: education
    column: educ
    labels: {"0": No school, "1": Primary, "2": Secondary, "3": Higher}
    missing: {"8": dont_know}
instrument: {columns: [COLUMNS]}
item_missing: {"97": refused, "98": dont_know}
weights: {design: w_design, post_stratification: w_post, within_country: [post_stratification]}
psu: ea
""".replace("COLUMNS", ", ".join(MFQ2))


def kenya(rows: int = 200) -> pd.DataFrame:
    """Return answers to MFQ-2 with what stands beside them in a file."""
    rng = np.random.default_rng([rows, 2026])
    answers = rng.integers(1, 6, (rows, len(MFQ2)))
    gone = rng.random(answers.shape) < 0.02
    answers[gone] = rng.choice([97, 98], int(gone.sum()))
    age = rng.integers(18, 90, rows)
    age[:2] = 999
    return pd.DataFrame(
        {
            "respid": 5000 + rng.permutation(rows),
            "consent": np.where(rng.random(rows) < 0.95, 1, 2),
            "lang": rng.integers(1, 3, rows),
            "county": rng.integers(1, 4, rows),
            "q1": rng.choice([1, 2, 9], rows, p=[0.49, 0.49, 0.02]),
            "q2": age,
            "educ": rng.choice([0, 1, 2, 3, 8], rows),
            "q9": rng.integers(1, 4, rows),
            **dict(zip(MFQ2, answers.T, strict=True)),
            "w_design": rng.lognormal(0, 0.3, rows),
            "w_post": rng.lognormal(0, 0.3, rows),
            "ea": rng.integers(1, 30, rows),
            "why": [f"What matters to me is thing number {number}, more than anything" for number in range(rows)],
        }
    )


def write_sav(path: Path, frame: pd.DataFrame, *, declared: bool = True, title: str = "") -> Path:
    """Write the frame as SPSS with the labels above, of the columns that are there; return `path`."""
    here = [name for name in LABELS if name in frame]
    pyreadstat.write_sav(
        frame,
        str(path),
        file_label=title,
        column_labels={name: LABELS[name] for name in here},
        variable_value_labels={name: VALUE_LABELS[name] for name in here if name in VALUE_LABELS},
        missing_ranges={name: [{"lo": 97, "hi": 98}] for name in MFQ2 if name in frame} if declared else None,
    )
    return path


def write_dta(path: Path, frame: pd.DataFrame) -> Path:
    """Write the frame as Stata with the labels above; return `path`."""
    here = [name for name in LABELS if name in frame]
    pyreadstat.write_dta(
        frame,
        str(path),
        column_labels={name: LABELS[name] for name in here},
        variable_value_labels={name: VALUE_LABELS[name] for name in here if name in VALUE_LABELS},
    )
    return path


def ddi(frame: pd.DataFrame, namespace: str = ' xmlns="ddi:codebook:2_5"') -> str:
    """Return DDI-Codebook XML with the labels above."""
    parts = []
    for name in frame:
        known = VALUE_LABELS.get(name, {})
        categories = "".join(
            f"<catgry{' missing=' + chr(34) + 'Y' + chr(34) if code >= 97 else ''}>"
            f"<catValu>{code}</catValu><labl>{label}</labl></catgry>"
            for code, label in known.items()
        )
        parts.append(
            f'<var ID="{name}" name="{name}" files="F1"><labl>{LABELS[name]}</labl>'
            f"<qstn><qstnLit>{LABELS[name]}, asked in full</qstnLit></qstn>{categories}</var>"
        )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><codeBook version="2.5"{namespace}><stdyDscr><citation><titlStmt>'
        "<titl>Values in Kenya 2026</titl><IDNo agency='DOI'>https://doi.org/10.0000/kenya</IDNo>"
        "<IDNo>KEN_2026_VAL</IDNo></titlStmt><rspStmt><AuthEnty>Otieno, A.</AuthEnty></rspStmt>"
        "<verStmt><version>2</version></verStmt></citation><stdyInfo><sumDscr><nation abbr='KEN'>Kenya</nation>"
        "</sumDscr></stdyInfo><dataAccs><useStmt><conditions>Under CC BY 4.0.</conditions></useStmt></dataAccs>"
        "</stdyDscr><fileDscr ID='F1'><fileTxt><fileName>kenya.sav</fileName></fileTxt></fileDscr><dataDscr>"
        + "".join(parts)
        + "</dataDscr></codeBook>"
    )


def fill(draft: str, **values: str) -> str:
    """Return the draft with the gaps of these keys filled, as a person would in an editor."""
    for key, value in values.items():
        draft, count = re.subn(rf"(?m)^( *{key}:)(  # TODO.*)?$", lambda found, new=value: f"{found[1]} {new}", draft)
        assert count == 1, (key, count)
    return draft


def people(path: Path, codebook: Codebook) -> list[Respondent]:
    """Return the respondents, without what comes from the survey's name."""
    _, stream = import_survey(path, codebook, load_framework(codebook.framework))
    return [one.model_copy(update={"id": "", "survey": ""}) for one in stream.rows]


def column(name: str, cells: Sequence[Cell] = (), label: str = "", **known: object) -> Column:
    """Return a column with these cells; `known` are further fields of `Column`."""
    seen = Seen()
    seen.add(cells, ".")
    return Column(name, label, seen=seen if cells else None, **known)  # type: ignore[arg-type]


def facts(*columns: Column, title: str = "", path: str = "survey.csv") -> FileFacts:
    """Return the facts of a file with these columns."""
    rows = max((one.seen.rows for one in columns if one.seen), default=0)
    first = FirstRows(rows, (), True, {one.name: one.seen for one in columns if one.seen})
    return FileFacts(Path(path), columns, first, title=title)
