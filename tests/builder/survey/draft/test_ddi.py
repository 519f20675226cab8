"""DDI-Codebook XML as archives write it, and as nobody should."""

from pathlib import Path

import pytest

from builder.survey.draft.ddi import Ddi, read_ddi
from schemas.errors import InputError, StudyError

VAR = """<var ID="V1" name="Q1" files="F1" wgt="wgt"><labl>Trust</labl>
<qstn><preQTxt>Now:</preQTxt><qstnLit>How much do
 you trust?</qstnLit></qstn>
<valrng><range UNITS="REAL" min="1" max="4"/></valrng>
<invalrng><range min="-9" max="-1"/><item VALUE="99"/><item UNITS="REAL" VALUE="98.0"/></invalrng>
<catgry><catValu>1.0</catValu><labl>Much</labl><catStat type="freq">12</catStat></catgry>
<catgry missing="Y"><catValu>8</catValu><labl>Don't know</labl></catgry>
<catgry missing="N"><catValu>2</catValu></catgry></var>"""


def read(tmp_path: Path, text: str, encoding: str = "utf-8") -> Ddi:
    path = tmp_path / "survey.xml"
    path.write_bytes(text.encode(encoding))
    return read_ddi(path)


def test_a_variable_says_all_it_has(tmp_path: Path) -> None:
    (variable,) = read(tmp_path, f"<codeBook><dataDscr>{VAR}</dataDscr></codeBook>").variables
    assert (variable.name, variable.label, variable.question) == ("Q1", "Trust", "How much do you trust?")
    assert variable.categories == {"1": "Much", "8": "Don't know"}
    assert variable.valid == (1, 4)
    assert variable.is_weight
    assert [code for code in ("1", "2", "8", "98", "99", "-1", "-9", "-10", "97", "x") if variable.declares(code)] == [
        *("8", "98", "99", "-1", "-9")
    ]


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<codeBook>", "</codeBook>"),
        ('<codeBook xmlns="ddi:codebook:2_5">', "</codeBook>"),
        ('<ddi:codeBook xmlns:ddi="ddi:codebook:2_5" xmlns="ddi:codebook:2_5">', "</ddi:codeBook>"),
        ('<!DOCTYPE codeBook SYSTEM "Version1-2-2.dtd"><codeBook>', "</codeBook>"),
    ],
)
def test_with_and_without_namespaces(tmp_path: Path, opening: str, closing: str) -> None:
    assert len(read(tmp_path, f"{opening}<dataDscr>{VAR}</dataDscr>{closing}").variables) == 1


def test_the_study_is_not_the_document(tmp_path: Path) -> None:
    citation = "<citation><titlStmt><titl>{}</titl><IDNo>{}</IDNo></titlStmt></citation>"
    found = read(
        tmp_path,
        f"<codeBook><docDscr>{citation.format('Metadata', 'DDI-1')}</docDscr>"
        f"<stdyDscr>{citation.format('Survey', 'KEN-1')}<nation>Kenya</nation><nation abbr='UG'>Uganda</nation>"
        f"</stdyDscr><dataDscr>{VAR}</dataDscr></codeBook>",
    )
    assert (found.title, found.id, found.nations, found.doi) == ("Survey", "KEN-1", ("Kenya", "UG"), "")


def test_of_several_files_the_one_that_fits(tmp_path: Path) -> None:
    variables = "".join(
        f'<var name="{name}" files="{file}"/>' for name, file in (("a", "F1"), ("b", "F1"), ("A", "F2"))
    )
    found = read(
        tmp_path,
        "<codeBook><fileDscr ID='F1'><fileTxt><fileName>people.sav</fileName></fileTxt></fileDscr><fileDscr ID='F2'>"
        f"<fileTxt><fileName>homes.NSDstat</fileName></fileTxt></fileDscr><dataDscr>{variables}</dataDscr></codeBook>",
    )
    assert found.for_file("unknown", ["a", "b"])["a"].file == "F1"
    assert found.for_file("homes", ["a", "b"])["a"].file == "F2"
    assert found.for_file("homes", ["z"]) == {}


def test_other_encodings(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0" encoding="iso-8859-1"?><codeBook><var name="a"><labl>Edad en años</labl></var></codeBook>'
    )
    assert read(tmp_path, text, "iso-8859-1").variables[0].label == "Edad en años"


BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><codeBook><var name="x"><labl>&b;</labl></var></codeBook>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<codeBook><var name="x"><labl>&a;</labl></var></codeBook>"""
OTHER = "<DDIInstance><Variable/></DDIInstance>"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BOMB, "ddi-unsafe"),
        (OUTSIDE, "ddi-unsafe"),
        (OTHER, "ddi-none"),
        ("", "ddi-unreadable"),
        ("<codeBook>", "ddi-unreadable"),
        ('<?xml version="1.0" encoding="nonsense"?><codeBook/>', "ddi-unreadable"),
        ("<codeBook><var name='x'>\x00</var></codeBook>", "ddi-unreadable"),
    ],
)
def test_what_is_no_documentation_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert caught.value.report.code == code
    assert caught.value.report.way_out


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StudyError):
        read_ddi(tmp_path / "none.xml")
