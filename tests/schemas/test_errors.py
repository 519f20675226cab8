"""One message: subject, where, found, expected, way out; and an exit code by who must act."""

import pytest

from schemas.errors import (
    CheckFailed,
    ConfigError,
    Defect,
    InputError,
    MvpbenchError,
    ServiceError,
    Stopped,
    StudyError,
    UserError,
)


def test_a_message_says_everything_in_one_sentence() -> None:
    error = InputError(
        "off-scale", "survey file", where="a.csv, row 3", found="7", expected="1 to 5", way_out="mend the row"
    )
    assert str(error) == "survey file (a.csv, row 3): found 7, expected 1 to 5. mend the row"


def test_a_message_leaves_out_what_is_not_known() -> None:
    assert str(InputError("x", "survey file")) == "survey file"
    assert str(InputError("x", "survey file", found="nothing")) == "survey file: found nothing"
    assert str(InputError("x", "survey file", way_out="look again")) == "survey file. look again"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError, 2),
        (InputError, 2),
        (StudyError, 2),
        (ServiceError, 2),
        (CheckFailed, 1),
        (Stopped, 75),
        (Defect, 70),
    ],
)
def test_exit_codes(error: type[MvpbenchError], code: int) -> None:
    assert error("x", "y").exit_code == code
    assert issubclass(error, UserError) == (code == 2)
