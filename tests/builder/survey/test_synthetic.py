"""The made-up survey files: what other tests rely on when they read them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from tests.synthetic import LABEL, SUFFIXED, ess, wvs7


@pytest.mark.parametrize("ending", [".csv", ".sav", ".dta"])
def test_the_same_arguments_make_the_same_answers_in_every_file(tmp_path: Path, ending: str) -> None:
    made, again = ess(90), ess(90)
    pd.testing.assert_frame_equal(made.frame, again.frame)
    path = made.write(tmp_path / f"ess{ending}")
    if ending == ".csv":
        read = pd.read_csv(path, dtype={"edition": str})
        assert set(read.pop("note")) == {LABEL}
    else:
        reader = pyreadstat.read_sav if ending == ".sav" else pyreadstat.read_dta
        read, meta = reader(str(path), user_missing=True)
        assert meta.file_label == LABEL
        assert meta.variable_value_labels["gndr"] == {1: "Male", 2: "Female", 9: "No answer"}
    pd.testing.assert_frame_equal(read, made.frame, check_dtype=False)


def test_an_spss_file_declares_its_missing_codes(tmp_path: Path) -> None:
    _, meta = pyreadstat.read_sav(str(ess(60).write(tmp_path / "ess.sav")), user_missing=True)
    assert meta.missing_ranges["ipcrtiva"] == [{"lo": 66, "hi": 99}]
    _, meta = pyreadstat.read_sav(str(wvs7(60).write(tmp_path / "wvs.sav")), user_missing=True)
    assert meta.missing_ranges["Q164"] == [{"lo": -5, "hi": -1}]


def test_names_and_codes_are_those_of_the_round() -> None:
    old, late = ess(300, 9).frame, ess(300, SUFFIXED).frame
    assert "ipcrtiv" in old
    assert "ipcrtiva" in late
    assert set(np.unique(old["ipcrtiv"])) <= {1, 2, 3, 4, 5, 6, 7, 8, 9}
    assert set(np.unique(late["ipcrtiva"])) <= {1, 2, 3, 4, 5, 6, 77, 88, 99}


def test_bad_respondents_are_there_where_they_are_asked_for() -> None:
    answers = ess(30, straight=2, sparse=3).frame.filter(regex="^i[mp]")
    assert answers.shape[1] == 21
    assert (answers.iloc[:2] == 3).all(axis=None)
    assert ((answers.iloc[2:5] == 99).sum(axis=1) >= 6).all()


def test_items_of_a_dimension_go_together_in_their_direction() -> None:
    """Religion's importance is keyed against God's; loading .8, noise .6 and clipping leave a correlation near .5."""
    frame = wvs7(2000).frame
    valid = frame[["Q6", "Q164", "Q171"]].where(lambda cells: cells > 0)
    correlations = valid.corr()
    assert correlations.loc["Q6", "Q164"] < -0.2
    assert correlations.loc["Q6", "Q171"] > 0.3


def test_a_wide_file_has_the_columns_asked_for_and_a_question_not_asked_in_one_country() -> None:
    frame = wvs7(120, 200, not_asked=["Q182"]).frame
    assert frame.shape == (120, 200)
    kenya = frame["B_COUNTRY_ALPHA"] == "KEN"
    assert set(frame.loc[kenya, "Q182"]) == {-4}
    assert -4 not in set(frame.loc[~kenya, "Q182"])


def test_weights_have_mean_one_in_each_country() -> None:
    frame = ess(300).frame
    for weight in ("dweight", "pspwght"):
        assert frame.groupby("cntry")[weight].mean().to_numpy() == pytest.approx(1.0)
    assert frame["anweight"].to_numpy() == pytest.approx((frame["pspwght"] * frame["pweight"]).to_numpy())
    totals = wvs7(100).frame.groupby("B_COUNTRY_ALPHA")["S018"].sum()
    assert totals.to_numpy() == pytest.approx(1000.0)
