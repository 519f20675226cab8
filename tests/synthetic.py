"""Survey files of made-up people in the shape of the European Social Survey and of the World Values Survey, wave 7.

Deterministic: the same arguments make the same cells. Answers come from a latent factor a dimension, a mean a country
and a tendency to agree; a share is missing under the survey's own codes. The label of an SPSS or Stata file and a
column of a text file say SYNTHETIC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pycountry
import pyreadstat
from numpy.typing import NDArray

from builder.frameworks import load_framework
from builder.survey import built_in_codebooks, read_codebook
from schemas.codebook import SurveyItem

LABEL = "SYNTHETIC: made-up people, no survey"
ACQUIESCENCE = 0.4
LOADING = 0.8
NOISE = 0.6
COUNTRY_SPREAD = 0.3
LANGUAGES = {"KE": "sw", "IN": "hi", "MX": "es", "BR": "pt", "FR": "fr", "EG": "ar", "CN": "zh", "US": "en"}
ESS_COUNTRIES = ("DE", "ES", "PL")
WVS_COUNTRIES = ("KE", "IN", "MX")
ESS_CODES = {66: "Not applicable", 77: "Refusal", 88: "Don't know", 99: "No answer"}
ESS_OLD_CODES = {7: "Refusal", 8: "Don't know", 9: "No answer"}
TWO_DIGITS = 10
"""The round from which ESS codes of missing values have two digits on scales of one."""
SUFFIXED = 11
"""The round from which the human values items end in `a`."""
WVS_CODES = {-1: "Don't know", -2: "No answer", -4: "Not asked", -5: "Missing; Not available"}

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Made:
    """A table with what a statistics package keeps beside it."""

    frame: pd.DataFrame
    value_labels: Mapping[str, Mapping[float, str]] = field(default_factory=dict)
    user_missing: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Column -> the declared range of missing codes."""

    def write(self, path: Path) -> Path:
        """Write by the ending, .csv, .sav or .dta, and return `path`."""
        labels = {name: dict(known) for name, known in self.value_labels.items()}
        if path.suffix == ".csv":
            marked = pa.Table.from_pandas(self.frame.assign(note=LABEL), preserve_index=False)
            pa.csv.write_csv(marked, path, pa.csv.WriteOptions(quoting_style="needed"))
        elif path.suffix == ".sav":
            ranges: dict[str, Any] = {
                name: [{"lo": low, "hi": high}] for name, (low, high) in self.user_missing.items()
            }
            pyreadstat.write_sav(
                self.frame, str(path), file_label=LABEL, variable_value_labels=labels, missing_ranges=ranges
            )
        elif path.suffix == ".dta":  # a label of .dta sits on an integer
            pyreadstat.write_dta(self.frame, str(path), file_label=LABEL, variable_value_labels=labels)
        else:
            raise ValueError(path.suffix)
        return path


def ess(
    rows: int = 600,
    essround: int = 11,
    countries: Sequence[str] = ESS_COUNTRIES,
    *,
    straight: int = 0,
    sparse: int = 0,
    seed: int = 11,
) -> Made:
    """Return people of an ESS round: the first `straight` give one answer to all, the next `sparse` leave six out."""
    rng = np.random.default_rng([seed, essround, rows])
    codebook = read_codebook(built_in_codebooks()["ess"])
    instrument = load_framework("pvq21").instrument
    assert codebook.instrument is not None
    assert instrument is not None
    items = [
        SurveyItem(column=column, dimension=item.dimension, reverse=item.reverse, scale=instrument.scale)
        for column, item in zip(codebook.instrument.columns, instrument.items, strict=True)
    ]
    place = np.arange(rows) % len(countries)
    answers = _answers(rng, items, place)
    codes = ESS_CODES if essround >= TWO_DIGITS else ESS_OLD_CODES
    _sprinkle(rng, answers, tuple(code for code in codes if code != 66), share=0.02)
    answers[:straight] = 3
    answers[straight : straight + sparse, :6] = max(codes)
    suffix = "a" if essround >= SUFFIXED else ""
    names = [item.column + suffix for item in items]
    columns: dict[str, object] = {
        "name": f"ESS{essround}e00_0",
        "essround": essround,
        "edition": "0.0",
        "idno": 10_000 + np.arange(rows),
        "cntry": np.asarray(countries)[place],
        **_ess_weights(rng, place, len(countries)),
        "psu": 1 + rng.integers(0, 60, rows),
        "stratum": 1 + place * 10 + rng.integers(0, 8, rows),
        "gndr": 1 + rng.integers(0, 2, rows),
        "agea": _ages(rng, rows, unknown=999),
        "eisced": rng.choice([1, 2, 3, 4, 5, 6, 7, 55, 77, 88], rows),
        "mnactic": rng.choice([1, 2, 3, 5, 6, 8, 9, 77, 88], rows),
        "domicil": rng.choice([1, 2, 3, 4, 5, 7, 8], rows),
        **dict(zip(names, answers.T, strict=True)),
    }
    words = {**{float(code): text for code, text in codes.items()}, **_words(instrument.scale.labels)}
    return Made(
        frame=pd.DataFrame(columns),
        value_labels={**dict.fromkeys(names, words), "gndr": {1.0: "Male", 2.0: "Female", 9.0: "No answer"}},
        user_missing={**dict.fromkeys(names, (min(codes), max(codes))), "agea": (999, 999), "eisced": (77, 99)},
    )


def wvs7(
    rows: int = 600,
    width: int = 0,
    countries: Sequence[str] = WVS_COUNTRIES,
    *,
    not_asked: Sequence[str] = (),
    seed: int = 7,
) -> Made:
    """Return people of WVS-7, with further questions up to `width` columns; the first country left out `not_asked`."""
    rng = np.random.default_rng([seed, rows, width])
    codebook = read_codebook(built_in_codebooks()["wvs7"])
    place = np.arange(rows) % len(countries)
    answers = _answers(rng, codebook.items, place)
    _sprinkle(rng, answers, (-1, -2, -5), share=0.02)
    names = [item.column for item in codebook.items]
    for name in not_asked:
        answers[place == 0, names.index(name)] = -4
    known = [pycountry.countries.lookup(code) for code in countries]
    numbers = np.asarray([int(country.numeric) for country in known])[place]
    born = np.where(rng.random(rows) < 0.03, rng.choice([4, 32, 276, 840, 915, -1], rows), numbers)
    sizes = np.bincount(place, minlength=len(countries))
    columns: dict[str, object] = {
        "version": LABEL,
        "A_YEAR": 2018,
        "B_COUNTRY": numbers,
        "B_COUNTRY_ALPHA": np.asarray([country.alpha_3 for country in known])[place],
        "D_INTERVIEW": numbers * 10**8 + 7 * 10**6 + np.arange(rows),
        "LNGE_ISO": np.asarray([LANGUAGES.get(code, "en") for code in countries])[place],
        "H_URBRURAL": 1 + rng.integers(0, 2, rows),
        "W_WEIGHT": _weights(rng, place, len(countries)),
        "S018": 1000 / sizes[place],
        **dict(zip(names, answers.T, strict=True)),
        "Q260": 1 + rng.integers(0, 2, rows),
        "Q262": _ages(rng, rows, unknown=-2),
        "Q266": born,
        "Q273": 1 + rng.integers(0, 6, rows),
        "Q275": rng.choice([*range(9), -1], rows),
        "Q279": 1 + rng.integers(0, 8, rows),
        "Q288": rng.choice([*range(1, 11), -2], rows),
    }
    others = [name for number in range(1, 1000) if (name := f"Q{number}") not in columns]
    more = others[: max(0, width - len(columns))]
    filled = rng.integers(1, 5, (len(more), rows), dtype=np.int8)
    frame = pd.DataFrame(columns | dict(zip(more, filled, strict=True)))
    codes = {float(code): text for code, text in WVS_CODES.items()}
    asked = [name for name in frame.columns if name.startswith("Q")]
    return Made(
        frame=frame,
        value_labels={item.column: codes | _words(item.scale.labels) for item in codebook.items},
        user_missing=dict.fromkeys(asked, (-5, -1)),
    )


def _answers(rng: np.random.Generator, items: Sequence[SurveyItem], place: Ints) -> Ints:
    """Return answers in whole numbers, shape (people, items), no one missing."""
    people = len(place)
    dimensions = sorted({str(item.dimension) for item in items})
    means = rng.normal(0, COUNTRY_SPREAD, (int(place.max()) + 1, len(dimensions)))
    latent = rng.normal(size=(people, len(dimensions))) + means[place]
    agrees = rng.normal(0, ACQUIESCENCE, people)
    answers = np.empty((people, len(items)), dtype=np.int64)
    for index, item in enumerate(items):
        sign = -1 if item.reverse else 1
        told = sign * LOADING * latent[:, dimensions.index(str(item.dimension))] + rng.normal(0, NOISE, people)
        low, high = item.scale.low, item.scale.high
        spread = (high - low) / 4.5  # most answers inside the scale, some at its ends
        answers[:, index] = np.clip(np.rint((low + high) / 2 + spread * (told + agrees)), low, high)
    return answers


def _sprinkle(rng: np.random.Generator, answers: Ints, codes: Sequence[int], share: float) -> None:
    """Put one of `codes` in place of a `share` of the answers."""
    gone = rng.random(answers.shape) < share
    answers[gone] = rng.choice(codes, int(gone.sum()))


def _ages(rng: np.random.Generator, rows: int, unknown: int) -> Ints:
    ages = np.clip(np.rint(rng.normal(47, 18, rows)), 16, 95).astype(np.int64)
    ages[rng.random(rows) < 0.005] = unknown
    return ages


def _weights(rng: np.random.Generator, place: Ints, countries: int) -> NDArray[np.float64]:
    """Return weights of mean one in each country."""
    raw = rng.lognormal(0, 0.4, len(place))
    means = np.bincount(place, raw, countries) / np.bincount(place, minlength=countries)
    return np.asarray(raw / means[place])


def _ess_weights(rng: np.random.Generator, place: Ints, countries: int) -> dict[str, NDArray[np.float64]]:
    """Return the four weights; `pspwght` has `dweight` in it, `anweight` is `pspwght` x `pweight`."""
    design = _weights(rng, place, countries)
    fitted = design * _weights(rng, place, countries)
    means = np.bincount(place, fitted, countries) / np.bincount(place, minlength=countries)
    fitted = fitted / means[place]
    size = (0.3 + rng.random(countries) * 3)[place]
    return {"dweight": design, "pspwght": fitted, "pweight": size, "anweight": fitted * size}


def _words(labels: Mapping[str, str]) -> dict[float, str]:
    return {float(code): text for code, text in labels.items()}
