"""`init`: a study, of a survey file or for one that is still to come."""

from collections.abc import Mapping
from pathlib import Path
from shlex import quote

from builder.frameworks import load_framework
from builder.survey import read_codebook, recognise
from builder.survey.codebook import must_be_there
from mvpbench.store.study import init_study
from schemas.codebook import Codebook
from schemas.errors import ConfigError
from schemas.results import InitResult, Outcome
from schemas.survey import CountryOf

CODEBOOK = "codebook.yaml"
CONFIG = """\
# A study of mvpbench. Every key: `mvpbench schema study`. What is left out has its default.
format: 1
name: {name}
survey:
  {file}
  codebook: codebook.yaml{country}
profile:
  splits: {{train: 0.6, validation: 0.1, test: 0.3}}
  out_of_domain: []      # ISO codes of countries to evaluate and never to train on
  ground: ""             # on what ground you hold data on people's values (GDPR Art. 9)
generate:
  recipes: [sides, tradeoff]
  writer: {{kind: template}}
"""
TO_DRAFT = "codebook.yaml is still to be written: `mvpbench survey describe FILE --draft codebook.yaml` begins it"
NO_SURVEY_YET = "# file: answers.csv    # the survey file or folder; `mvpbench survey import` needs it"


def start_study(
    directory: Path,
    survey: Path | None,
    codebook: Path | None,
    name: str | None,
    country_of: CountryOf = CountryOf.RESIDENCE,
) -> Outcome[InitResult]:
    """Make a study in `directory` for the survey, by the codebook given, the one beside it or a built-in that fits.

    Nothing is written where the survey is missing or unrecognised, or the folder holds a study already. The codebook
    is copied, since it is the study's to edit; the survey file stays where it is. Without a survey its line in
    study.yaml is a comment, and there is no codebook but one that is given. Raises ConfigError `country-not-kept` where
    the study is to be about the countries of birth and the codebook has none.
    """
    source = codebook if codebook is not None or survey is None else recognise(survey)
    if survey is not None:
        must_be_there(survey)
    read = read_codebook(source) if source is not None else None
    if read is not None:
        load_framework(read.framework, directory)  # an unknown one is told now, not at the import
    country = _country(read, country_of)
    root = directory.resolve()
    place = str(survey.resolve()) if survey is not None else None
    file = f"file: {_quoted(place)}" if place is not None else NO_SURVEY_YET
    text = CONFIG.format(name=_plain(name or root.name), file=file, country=country)
    init_study(root, text, _beside(root, source))
    to_name = () if survey is not None else ("`survey.file` in study.yaml is still to be named",)
    to_write = () if read is not None else (TO_DRAFT,)
    described = () if read is None else (f"a study of {read.title}, by the codebook {read.name} ({read.licence})",)
    return Outcome(
        result=InitResult(study=str(root), survey=place, codebook=read.name if read is not None else None),
        outputs=tuple(str(directory / name) for name in ("study.yaml", CODEBOOK)[: 1 + (read is not None)]),
        summary=(*described, *to_name, *to_write),
        next_step="mvpbench survey import"
        if root == Path.cwd()
        else f"cd {quote(str(directory))} && mvpbench survey import",
    )


def _country(codebook: Codebook | None, country_of: CountryOf) -> str:
    """The line of study.yaml that says which country is meant; none where the survey knows but one."""
    if codebook is not None and codebook.birth_country is not None:
        other = CountryOf.RESIDENCE if country_of is CountryOf.BIRTH else CountryOf.BIRTH
        return f"\n  country: {country_of}   # or {other}: this survey knows both"
    if country_of is CountryOf.RESIDENCE:
        return ""
    raise ConfigError(
        "country-not-kept",
        "--country",
        found=f"`{country_of}`, and {'a codebook without that column' if codebook else 'no codebook'}",
        expected=f"`{CountryOf.RESIDENCE}`",
        way_out="name the column under `birth_country` in a codebook and give it with --codebook",
    )


def _beside(root: Path, codebook: Path | None) -> Mapping[str, str]:
    """What is to be written beside study.yaml: the codebook, unless it is there already."""
    target = root / CODEBOOK
    if codebook is None or (target.exists() and target.samefile(codebook)):
        return {}
    return {CODEBOOK: codebook.read_text(encoding="utf-8")}


def _plain(name: str) -> str:
    """A name that needs no quotes in YAML."""
    kept = "".join(char if char.isalnum() or char in "-_ " else "-" for char in name).strip()
    return _quoted(kept or "study")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
