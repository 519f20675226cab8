"""Raters are shown what the builder would make now: nothing is sent from tables that are stale."""

from pathlib import Path

import pytest

from annotation.push import push
from mvpbench.store.study import open_study
from mvpbench.store.tables import has_table
from schemas.errors import StudyError
from tests.annotation.made import made_study


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
