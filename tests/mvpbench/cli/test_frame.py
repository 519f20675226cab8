"""What nobody foresaw is told like everything else: one message, the exit of a defect, the traceback on request."""

import json

import pytest
import typer

from mvpbench.cli.frame import TRACEBACK, perform
from schemas.errors import InputError
from schemas.results import Nothing, Outcome


def work() -> Outcome[Nothing]:
    """Fails as code does that has a mistake in it."""
    raise ZeroDivisionError("division\nby zero.")


def code_of(as_json: bool) -> int:
    with pytest.raises(typer.Exit) as caught:
        perform("profile", as_json, work)
    return caught.value.exit_code


def test_a_defect_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(as_json=False) == 70
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("profile: a defect of mvpbench (test_frame.py, line ")
    assert "found ZeroDivisionError: division by zero. " in printed.err
    assert f"{TRACEBACK}=1" in printed.err
    assert printed.err.count("\n") == 1


def test_a_defect_with_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(as_json=True) == 70
    printed = capsys.readouterr()
    assert json.loads(printed.out)["error"]["code"] == "unforeseen"
    assert printed.err == ""


def test_its_traceback_is_shown_on_request(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRACEBACK, "1")
    assert code_of(as_json=True) == 70
    printed = capsys.readouterr()
    assert json.loads(printed.out)["ok"] is False
    assert 'raise ZeroDivisionError("division' in printed.err


def test_nothing_of_a_file_can_colour_hide_or_turn_what_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    def said() -> Outcome[Nothing]:
        return Outcome(result=Nothing(), summary=("\x1b[31mred\x1b[0m [bold]b[/bold] \u202edeed\u202c",))

    def refused() -> Outcome[Nothing]:
        raise InputError("made", "a file", found="\x1b]0;title\x07x\u200b")

    perform("profile", False, said)
    assert "[31mred[0m [bold]b[/bold] deed" in capsys.readouterr().out
    with pytest.raises(typer.Exit):
        perform("profile", False, refused)
    assert "found ]0;titlex" in capsys.readouterr().err
