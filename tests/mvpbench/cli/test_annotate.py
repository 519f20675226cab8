"""`mvpbench annotate` on input that cannot be used."""

from pathlib import Path

import pytest

from mvpbench.store.study import init_study
from tests.annotation.made import STUDY_YAML
from tests.mvpbench.cli.conftest import failure, run_command


@pytest.mark.parametrize("command", ["push", "pull", "simulate"])
@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:abc"])
def test_an_address_that_is_none_is_one_message(tmp_path: Path, command: str, url: str) -> None:
    init_study(tmp_path, STUDY_YAML.format(pairs=1, slots=3, items=0).replace("slots: 3", f"slots: 3, url: '{url}'"))
    done = run_command("annotate", command, "--study", tmp_path, "--json", LABEL_STUDIO_API_KEY="k-secret")
    assert done.returncode == 2
    error = failure(done)
    assert (error["code"], error["where"]) == ("url-invalid", "study.yaml: annotate.url")
    assert url in error["found"]
    assert "k-secret" not in done.stdout + done.stderr


@pytest.mark.parametrize(("command", "option"), [("simulate", "--yes"), ("pull", "--accept-deletions")])
def test_what_cannot_be_taken_back_has_its_option(tmp_path: Path, command: str, option: str) -> None:
    init_study(tmp_path, STUDY_YAML.format(pairs=1, slots=3, items=0))
    done = run_command("annotate", command, option, "--study", tmp_path, "--json")
    assert failure(done)["code"] == "server-not-running"
