"""Every kind of difference is told with what to do, in lines that fit a terminal, whatever somebody called things."""

from hypothesis import given
from hypothesis import strategies as st

from annotation.sync.told import COMMAND, MENDED_BY_COMMAND, TOLD, WIDTH, in_words, ways_out
from schemas.reconcile import Difference, Finding

PLACES = {"KE-en-person-1/1": "http://127.0.0.1:8080/projects/1"}


def found(kind: Difference, number: int = 1, **more: str) -> Finding:
    fields = {"project": "KE-en-person-1/1", "subject": f"annotation {number}", "detail": "t-0123456789abcdef"}
    return Finding.model_validate({"difference": kind, **fields, **more})


def lines(*findings: Finding) -> list[str]:
    return list(in_words(findings, PLACES))


def test_every_kind_is_told_with_a_command_or_with_what_to_do_on_the_server() -> None:
    for kind in Difference:
        told = lines(found(kind))
        assert told[0].startswith(f"{kind}, 1: ")
        assert "  - annotation 1 in KE-en-person-1/1 (t-0123456789abcdef)" in told
        assert told[-2:] == [
            "KE-en-person-1/1: http://127.0.0.1:8080/projects/1",
            "differences: 1; the exit is 1 until each is mended or accepted",
        ]
        whole = "\n".join(told)
        # A command stands in one line, to be copied.
        assert all("\n" not in command for command in COMMAND.findall(whole))
        accepts = f"`mvpbench annotate reconcile --accept {kind} --why" in whole
        assert accepts is (kind not in MENDED_BY_COMMAND)
        assert ways_out([found(kind)]).startswith(f"{kind}: ")


def test_many_of_a_kind_are_counted() -> None:
    told = lines(*(found(Difference.ANSWER_GONE, number) for number in range(TOLD + 3)))
    assert sum(line.startswith("  - annotation") for line in told) == TOLD
    assert "  - and 3 more, named by --json" in told


def test_what_was_accepted_is_told_and_asks_for_nothing() -> None:
    told = lines(*(found(Difference.ACCOUNT_GONE, number, accepted="she left") for number in range(4)))
    assert told == ["account-gone, 4 accepted: she left"]
    assert ways_out([found(Difference.ACCOUNT_GONE, accepted="she left")]) == ""
    assert lines() == ["nothing differs: journal, pulled answers and server say the same"]


@given(st.text(max_size=90), st.lists(st.text(max_size=30), max_size=6).map(" ".join), st.sampled_from(Difference))
def test_no_line_is_wider_than_a_terminal_where_words_are_not(subject: str, detail: str, kind: Difference) -> None:
    told = lines(found(kind, subject=subject.replace("`", ""), detail=detail.replace("`", "")))
    assert all(len(line) <= WIDTH for line in told if not line.startswith("    "))
    assert all("\n" not in line and "\r" not in line for line in told)
