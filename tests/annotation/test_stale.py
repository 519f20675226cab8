"""Raters are shown what the builder would make now: nothing is sent from tables that are stale."""

import json
from pathlib import Path

import pytest

from annotation.adjudication.decided import STAGE as DECIDED
from annotation.adjudication.decided import adjudication_files
from annotation.labels import run_labels
from annotation.pull import STAGES, export_files, pull
from annotation.push import push
from annotation.studio import Studio
from mvpbench.store.journal import Journal
from mvpbench.store.stage import why_stale
from mvpbench.store.study import Study, open_study
from mvpbench.store.tables import has_table
from schemas.errors import StudyError
from tests.annotation.made import made_study
from tests.annotation.pushed import quiet


@pytest.mark.parametrize(
    ("file", "line", "table"),
    [("codebook.yaml", "redistribute_profiles: no", "surveys"), ("study.yaml", "generate: {max_uses: 1}", "matches")],
)
def test_nothing_is_sent_from_what_the_study_no_longer_says(tmp_path: Path, file: str, line: str, table: str) -> None:
    root = made_study(tmp_path, pairs=2).root
    with (root / file).open("a", encoding="utf-8") as opened:
        opened.write(f"{line}\n")
    study = open_study(root)
    with pytest.raises(StudyError) as caught:
        push(study, None, say=print)  # type: ignore[arg-type] - the server is never asked
    assert (caught.value.report.code, caught.value.report.subject) == ("table-stale", f"table {table}")
    assert not has_table(study.tables, "assignments")


@pytest.mark.slow
def test_tables_of_annotations_made_before_accounts_were_told_apart_are_stale(study: Study, faked: Studio) -> None:
    """The same logs gave other rows then."""
    push(study, faked, say=quiet)
    pull(study, faked, say=quiet)
    run_labels(study)
    with Journal(study.journal) as journal:
        files = {**dict.fromkeys(STAGES, export_files(study, journal)), DECIDED: adjudication_files(study, journal)}
        for stage, version in zip((*STAGES, DECIDED), (3, 1, 1, 2), strict=True):
            assert why_stale(study, stage, files[stage]) == ()
            sidecar = study.tables / f"{stage.table}.json"
            told = json.loads(sidecar.read_bytes())
            told["fingerprint"]["version"] = str(version)
            sidecar.write_text(json.dumps(told), encoding="utf-8")
            assert why_stale(study, stage, files[stage]) == ("version changed",)
