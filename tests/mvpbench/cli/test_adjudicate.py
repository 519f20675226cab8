"""`mvpbench annotate adjudicate` without a server."""

from pathlib import Path

from mvpbench.store.study import init_study
from tests.annotation.made import STUDY_YAML
from tests.mvpbench.cli.conftest import failure, run_command


def test_without_a_server_it_says_how_to_start_one(tmp_path: Path) -> None:
    init_study(tmp_path, STUDY_YAML.format(pairs=1, slots=3, items=0))
    done = run_command("annotate", "adjudicate", "--anew", "--study", tmp_path, "--json")
    assert done.returncode == 2
    error = failure(done)
    assert error["code"] == "server-not-running"
    assert "mvpbench annotate serve" in error["way_out"]
