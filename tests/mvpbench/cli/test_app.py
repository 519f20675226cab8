"""Wrong use: with `--json` the one object on stdout, else the usage on stderr; exit 2 either way."""

import json
from importlib.metadata import version

import pytest

from mvpbench.cli import main

WRONG = [
    (("generate", "--preview", "0"), "generate", "invalid value for '--preview'"),
    (("profile", "--bogus"), "profile", "no such option: --bogus"),
    (("release", "build"), "release build", "missing argument 'VERSION'"),
    (("annotate", "serve", "--port", "x"), "annotate serve", "invalid value for '--port'"),
    (("annotate", "nothing"), "annotate", "no such command 'nothing'"),
    (("nothing",), "mvpbench", "no such command 'nothing'"),
]


def code_of(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return caught.value.code


@pytest.mark.parametrize(("arguments", "command", "found"), WRONG)
def test_wrong_use(arguments: tuple[str, ...], command: str, found: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(*arguments, "--json") == 2
    printed = capsys.readouterr()
    assert printed.err == ""
    said = json.loads(printed.out)
    assert (said["command"], said["ok"], said["error"]["code"]) == (command, False, "wrong-use")
    assert found in said["error"]["found"]
    assert said["error"]["way_out"].endswith("--help`")


@pytest.mark.parametrize(("arguments", "command", "found"), WRONG)
def test_wrong_use_told_to_people(
    arguments: tuple[str, ...], command: str, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_of(*arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Usage: mvpbench")
    assert found in printed.err.lower().replace("'version'", "'VERSION'")


def test_a_command_that_ends_well_ends_with_0_and_a_refused_one_with_its_own_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert code_of("survey", "formats", "--json") == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert code_of("profile", "--study", "/nowhere", "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "not-a-study"


def test_the_version_is_the_installed_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("--version") == 0
    assert capsys.readouterr().out == f"mvpbench {version('mvpbench')}\n"
