"""Draws kenya.sav: SYNTHETIC people in the shape of a household survey with the 36 questions of the MFQ-2.

Nobody answered any of it. `python docs/examples/kenya/make.py` draws the same people each time. Three rows are bad on
purpose (an id that stands twice, an age of 214), so that one sees what becomes of them.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat

PEOPLE = 400
UNSURE, SILENT = 0.004, 0.002
"""Shares of answers that are "don't know" and refused."""
COUNTIES = {1: "Nairobi", 2: "Mombasa", 3: "Kisumu", 4: "Nakuru", 5: "Turkana"}
AGREE = {
    1: "Does not describe me at all",
    2: "Slightly describes me",
    3: "Moderately describes me",
    4: "Describes me fairly well",
    5: "Describes me extremely well",
    -1: "Refused",
    -2: "Don't know",
}
LABELS = {
    "RESPNO": "Respondent number",
    "COUNTY": "County of the interview",
    "CLUSTER": "Primary sampling unit (enumeration area)",
    "WEIGHT": "Combined design and post-stratification weight",
    "Q1_SEX": "Sex of the respondent",
    "Q2_AGE": "Age in completed years",
    "Q3_EDU": "Highest level of education completed",
    "Q4_AREA": "Urban or rural",
}
VALUES: dict[str, dict[float, str]] = {
    "COUNTY": dict(COUNTIES.items()),
    "Q1_SEX": {1: "Male", 2: "Female"},
    "Q3_EDU": {1: "None", 2: "Primary", 3: "Secondary", 4: "Higher", -1: "Refused"},
    "Q4_AREA": {1: "Urban", 2: "Rural"},
}
ITEMS = [f"Q{10 + number}" for number in range(36)]
MEANS = (0.9, 0.1, 0.6, 0.5, 0.6, 0.4)
"""Of care, equality, proportionality, loyalty, authority, purity, as they follow each other in the questionnaire."""


def people() -> pd.DataFrame:
    """Return the table; a person's answers come from a factor a foundation and a general tendency to agree."""
    rng = np.random.default_rng(254)
    factor = rng.normal(size=(PEOPLE, 6)) * 0.75 + 0.35 * rng.normal(size=(PEOPLE, 1)) + np.array(MEANS)
    answers = np.clip(np.rint(3 + factor[:, np.arange(36) % 6] + 0.75 * rng.normal(size=(PEOPLE, 36))), 1, 5)
    gone = rng.random((PEOPLE, 36))
    answers[gone < UNSURE] = -2
    answers[gone > 1 - SILENT] = -1
    county = rng.integers(1, 6, PEOPLE)
    table = pd.DataFrame(
        {
            "RESPNO": 1001.0 + np.arange(PEOPLE),
            "COUNTY": county.astype(float),
            "CLUSTER": (county * 100 + rng.integers(1, 9, PEOPLE)).astype(float),
            "WEIGHT": np.round(rng.gamma(8, 1 / 8, PEOPLE), 3),
            "Q1_SEX": rng.integers(1, 3, PEOPLE).astype(float),
            "Q2_AGE": rng.integers(18, 80, PEOPLE).astype(float),
            "Q3_EDU": rng.choice([1.0, 2, 3, 4, -1], PEOPLE, p=[0.1, 0.35, 0.35, 0.18, 0.02]),
            "Q4_AREA": rng.integers(1, 3, PEOPLE).astype(float),
        }
        | {name: answers[:, place] for place, name in enumerate(ITEMS)}
    )
    table.loc[17, "Q2_AGE"] = 214
    table.loc[40, "RESPNO"] = table.loc[39, "RESPNO"]
    return table


def main() -> None:
    """Write the file beside this script."""
    texts = {name: f"MFQ-2, question {place}" for place, name in enumerate(ITEMS, start=1)}
    pyreadstat.write_sav(
        people(),
        str(Path(__file__).with_name("kenya.sav")),
        file_label="SYNTHETIC: Kenya values survey, nobody answered any of it",
        column_labels=LABELS | texts,
        variable_value_labels=VALUES | {name: dict(AGREE.items()) for name in ITEMS},
        missing_ranges={name: [{"lo": -2, "hi": -1}] for name in (*ITEMS, "Q3_EDU")},
        compress=True,
    )


if __name__ == "__main__":
    main()
