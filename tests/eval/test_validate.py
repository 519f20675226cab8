"""A candidate is validated by a model before and after tuning, once; and a sealed release by attestations."""

from pathlib import Path

import pytest

from eval.run import exam
from eval.target import open_target
from eval.tuning import training_rows
from eval.validate import run_eval, train, validate
from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from release.build import build_release
from release.candidate import validation_of
from release.seal import seal_release
from schemas.errors import InputError
from schemas.evaluation import Attestation, Evaluated, Stage
from schemas.questions import Instance
from schemas.study import EvalSection
from schemas.values import Domain
from tests.eval.training.made import made_model
from tests.fresh import write_fresh
from tests.release.made import CLOCK, Made, made_study, silent, write_audit

pytestmark = pytest.mark.slow

STAGES = ("base", "sft", "dpo")


def made_candidate(root: Path, *, in_domain: bool) -> Study:
    """Twelve pairs, three of them for training; a candidate 1.0.0; a model of random weights."""
    study = made_study(root / "study", Made(pairs=12))
    if in_domain:
        rows = [row.model_copy(update={"domain": Domain.IN}) for row in read_table(study.tables, "instances", Instance)]
        write_fresh(study, {"instances": rows})
        write_audit(study)
    model = made_model(root / "random-llama", context=256)
    section = EvalSection(model=str(model), replies=2)
    study = Study(study.root, study.config.model_copy(update={"eval": section}))
    build_release(study, "1.0.0", silent, CLOCK)
    return study


@pytest.mark.slow
def test_a_validated_candidate_carries_results_before_and_after_and_can_be_sealed(tmp_path: Path) -> None:
    study = made_candidate(tmp_path, in_domain=True)
    done = validate(study, None, silent)
    assert [f"{row.model}" for row in done.result.headlines if not row.group and row.headline == "use"] == [
        "random-llama",
        "random-llama+sft",
        "random-llama+sft+dpo",
    ]
    candidate = study.releases / "1.0.0.candidate"
    folder = candidate / "validation"
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names >= {"report.html", "evaluation.json", "predictions.parquet", "training/sft.json", "training/dpo.json"}
    assert not [path for path in folder.rglob("*") if path.is_file() and str(tmp_path).encode() in path.read_bytes()]
    kept = validation_of(candidate)
    assert kept is not None
    assert {row.stage.value for row in kept[1]} == set(STAGES)
    facts = Evaluated.model_validate_json((folder / "evaluation.json").read_bytes())
    assert kept[0].data_sha256 == facts.data_sha256
    assert "SFT: loss" in (folder / "report.html").read_text(encoding="utf-8")

    weights = {path: path.stat().st_mtime_ns for path in (study.root / "models").rglob("*.safetensors")}
    assert validate(study, "1.0.0", silent).result == done.result
    assert {path: path.stat().st_mtime_ns for path in weights} == weights

    seal_release(study, "1.0.0", silent, CLOCK)
    attested = run_eval(study, None, None, silent, CLOCK)
    attestation = Attestation.model_validate_json((study.root / attested.outputs[1]).read_bytes())
    assert [spec.name for spec in attestation.evaluated.models] == ["random-llama"]
    own = run_eval(study, study.root / "models" / "1.0.0" / "random-llama+sft", None, silent, CLOCK)
    assert {(row.stage, row.seed) for row in own.result.headlines} == {(Stage.SFT, study.config.train.seed)}
    tuned = train(study, Stage.DPO, None, None, silent)
    assert tuned.result.model == "models/1.0.0/random-llama+sft+dpo"


def test_people_of_out_of_domain_countries_are_not_trained_on(tmp_path: Path) -> None:
    # made_study: its pairs for training are all of Japan, which is out of domain
    paper = exam(open_target(made_candidate(tmp_path, in_domain=False), None).cases, EvalSection())
    with pytest.raises(InputError, match="in-domain"):
        training_rows(paper, 10)


def test_training_rows_are_both_halves_of_the_pairs_drawn(tmp_path: Path) -> None:
    paper = exam(open_target(made_candidate(tmp_path, in_domain=True), None).cases, EvalSection())
    rows = training_rows(paper, 2)
    assert len(rows) == 4
    assert [(row.chosen, row.rejected) for row in rows[::2]] == [(row.rejected, row.chosen) for row in rows[1::2]]
