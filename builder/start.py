"""`init`: a study from a survey file."""

from pathlib import Path

from builder.survey import read_codebook, recognise
from mvpbench.store.study import init_study
from schemas.results import InitResult, Outcome

CODEBOOK = "codebook.yaml"
CONFIG = """\
# A study of mvpbench. Every key: `mvpbench schema study`. What is left out has its default.
format: 1
name: {name}
survey:
  file: {survey}
  codebook: codebook.yaml
profile:
  splits: {{train: 0.6, validation: 0.1, test: 0.3}}
  out_of_domain: []      # ISO codes of countries to evaluate and never to train on
  ground: ""             # on what ground you hold data on people's values (GDPR Art. 9)
generate:
  recipes: [sides, tradeoff]
  writer: {{kind: template}}
"""


def start_study(directory: Path, survey: Path, codebook: Path | None, name: str | None) -> Outcome[InitResult]:
    """Make a study in `directory` for the survey, by the codebook given, the one beside it or a built-in that fits.

    Nothing is written where the survey is missing or unrecognised, or the folder holds a study already. The codebook
    is copied, since it is the study's to edit; the survey file stays where it is.
    """
    source = codebook if codebook is not None else recognise(survey)
    read = read_codebook(source)
    root = directory.resolve()
    config = CONFIG.format(name=_plain(name or root.name), survey=_quoted(str(survey.resolve())))
    target = root / CODEBOOK
    is_there = target.exists() and target.samefile(source)
    init_study(root, config, {} if is_there else {CODEBOOK: source.read_text(encoding="utf-8")})
    return Outcome(
        result=InitResult(study=str(root), survey=str(survey.resolve()), codebook=read.name),
        outputs=("study.yaml", "codebook.yaml"),
        summary=(f"a study of {read.title}, by the codebook {read.name} ({read.licence})",),
        next_step="mvpbench survey import" if root == Path.cwd() else f"cd {directory} && mvpbench survey import",
    )


def _plain(name: str) -> str:
    """A name that needs no quotes in YAML."""
    kept = "".join(char if char.isalnum() or char in "-_ " else "-" for char in name).strip()
    return _quoted(kept or "study")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
