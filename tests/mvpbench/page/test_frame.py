"""What the pages share: one style, a policy by hashes, data that cannot leave its block, no unseen characters."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import builder.browse.render
import builder.overview.page
import eval.report.page
import mvpbench.page
from mvpbench.page import data_block, environment, policy, require_page_name, seen
from schemas.errors import ConfigError

PAGES = [
    Path(str(module.__file__)).parent for module in (builder.browse.render, builder.overview.page, eval.report.page)
]
LEAVES = st.none() | st.booleans() | st.integers() | st.text()


def colours(style: str) -> list[dict[str, str]]:
    """The names and colours of every `:root` block."""
    return [
        dict(re.findall(r"(--[a-z-]+): (#\w+)", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.parent.name)
def test_a_page_has_the_colours_of_all_pages_and_redefines_none(folder: Path) -> None:
    shared = (Path(str(mvpbench.page.__file__)).parent / "base.css").read_text(encoding="utf-8")
    own = (folder / "page.css").read_text(encoding="utf-8")
    light, dark = colours(shared)
    assert light.keys() == dark.keys() >= {"--paper", "--ink", "--quiet", "--line", "--soft", "--warn-ink"}
    assert environment(folder).globals["style"] == shared + own
    assert not [name for block in colours(own) for name in block if name in light]


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_data_reads_back_and_nothing_in_it_is_markup(data: object) -> None:
    block = data_block(data)
    assert json.loads(block) == data
    assert not re.search("[<>&\u2028\u2029]", block)


def test_data_that_would_close_its_block() -> None:
    assert data_block(["</script><!--"]) == r'["\u003c/script\u003e\u003c!--"]'


def test_numbers_that_json_has_not_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        data_block([float("nan")])


def test_the_policy_names_what_may_run_by_its_hash() -> None:
    of = base64.b64encode(hashlib.sha256("let é".encode()).digest()).decode()
    assert f"script-src 'sha256-{of}'" in policy("p {}", "let é")
    assert "unsafe" not in policy("p {}", "let é")
    assert policy("p {}", "").startswith("default-src 'none'; ")


def test_what_turns_or_hides_is_left_out_and_joiners_stay() -> None:
    assert seen("left\u202eright\u0007\ud800\u2066") == "leftright"
    assert seen("می\u200cخواهم\nnow") == "می\u200cخواهم\nnow"


@pytest.mark.parametrize("name", ["page.html", "PAGE.HTM"])
def test_names_of_pages(name: str) -> None:
    require_page_name(Path(name))


@pytest.mark.parametrize("name", ["study.yaml", "page", "tables/questions.parquet"])
def test_what_is_no_page_is_not_written_over(name: str) -> None:
    with pytest.raises(ConfigError, match=r"ends in \.html"):
        require_page_name(Path(name))
