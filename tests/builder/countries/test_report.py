"""`country report`: the verdict first, what nobody checked said plainly, hostile text harmless."""

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from builder.countries.check import RULES, check_pack, next_step
from builder.countries.numbers import numbers_of, read_people
from builder.countries.packs import find_pack
from builder.countries.pilot import read_pilot, run_pilot
from builder.countries.report import country_page, report_country
from builder.countries.rules import Subject, violations
from builder.countries.writable import MODEL
from mvpbench.store.study import Study
from tests.builder.countries.made import begun_study, own_pack

pytestmark = pytest.mark.slow

HOSTILE = "\n\n# Head\n<script>alert(1)</script> | [a](javascript:x) ![b](http://x/y.png) {{ 7 * 7 }} `"
MEDIUM = {"size": 5_000_000, "source": "a census"}
"""A medium community needs 50 people and 40 pairs, which the made study has; a large one, as Kenya is, 100."""


def page_of(study: Study, code: str = "KE") -> str:
    return (study.reports / f"country-{code}.md").read_text(encoding="utf-8")


def test_a_country_with_all_it_needs_is_ready(profiled: Study) -> None:
    own_pack(profiled.root, community=MEDIUM)
    outcome = report_country(profiled, "KE")
    assert (outcome.result.ready, outcome.result.errors) == (True, 0)
    page = page_of(profiled)
    assert page.splitlines()[2].startswith("🟢 **Ready**: no error, ")
    assert "| people | 50 | 60 |" in page
    assert "Licence of the answers: CC-BY-4.0; profiles may be passed on." in page
    assert "60 people, 60 of them asked in en." in page
    assert "| age | 60 (100 %) | 0 |" in page
    assert "None yet." in page  # no pilot


def test_a_country_that_lacks_something_is_not(profiled: Study) -> None:
    assert not report_country(profiled, "KE").result.ready
    assert page_of(profiled).splitlines()[2].startswith("🔴 **Not ready**: 1 error, ")


def test_strings_that_no_speaker_checked_say_so(profiled: Study) -> None:
    report_country(profiled, "KE")
    assert page_of(profiled).count("machine draft, 2026-11; NO SPEAKER HAS CHECKED THEM") == 2


def test_a_pilot_is_summed_up(profiled: Study) -> None:
    run_pilot(profiled, "KE", 5, lambda _: None, lambda _: None)
    report_country(profiled, "KE")
    page = page_of(profiled)
    assert "5 questions of 5 wanted, by the writer template, in en" in page
    row = "| pilot questions, read by people who know the country | 50 | written 5; read by: "
    assert f"{row}nobody has said |" in page
    own_pack(profiled.root, pilot={"read_by": ["two teachers", "a nurse"], "found": "One question is odd."})
    report_country(profiled, "KE")
    page = page_of(profiled)
    assert f"{row}two teachers, a nurse |" in page
    assert "Read by: two teachers, a nurse. What they found: One question is odd." in page


def test_the_next_step_of_a_framework_without_scenarios_is_a_model(profiled: Study) -> None:
    own_pack(profiled.root, community=MEDIUM)
    found = find_pack("KE", profiled.root)
    people = read_people(profiled)
    subject = check_pack(found, people)
    assert next_step(subject) == "mvpbench country pilot KE --n 30"
    numbers = numbers_of(people, found.pack)
    assert numbers is not None
    assert numbers.pairs is not None
    unknown = numbers.model_copy(update={"pairs": 0, "unwritten": numbers.pairs, "writer_knows": False})
    every = violations(Subject(found, subject.band, profiled.config, unknown), RULES)
    checked = subject.model_copy(update={"violations": tuple(every), "numbers": unknown, "ready": False})
    assert next_step(checked) == f"{MODEL}, then `mvpbench country check KE`"


def test_before_an_import_the_pack_alone_is_told(tmp_path: Path) -> None:
    study = begun_study(tmp_path / "study")
    report_country(study, "NL")
    page = page_of(study, "NL")
    assert "Not measured yet: people, sides and pairs: " in page
    assert "## The people" not in page
    assert "| nl | Nederlands | Nederland | Latn, left to right | none |" in page
    assert "Pay floor: no amount yet (EUR); at least the local statutory minimum hourly wage" in page


@pytest.mark.parametrize("code", ["EG", "IN"])
def test_directions_and_scripts_are_told(tmp_path: Path, code: str) -> None:
    study = begun_study(tmp_path / "study")
    report_country(study, code)
    assert {"EG": "| ar | العربية | مصر | Arab, right to left |", "IN": "| hi | हिन्दी | भारत | Deva, left to right |"}[
        code
    ] in page_of(study, code)


def test_hostile_text_in_a_pack_is_shown_as_it_stands(profiled: Study) -> None:
    recruitment = {
        "channels": [HOSTILE],
        "pay": {"currency": "KES", "amount": 1, "as_of": "2026", "source": HOSTILE, "rule": HOSTILE},
        "contact": HOSTILE,
        "ethics": HOSTILE,
    }
    hostile: dict[str, object] = {
        "names": {"en": HOSTILE, "sw": HOSTILE},
        "community": {"size": 5, "source": HOSTILE},
        "recruitment": recruitment,
        "generalise": {HOSTILE: {"map": {HOSTILE: HOSTILE}, "other": HOSTILE}},
        "prompts": {HOSTILE: HOSTILE},
        "pilot": {"read_by": [HOSTILE], "found": HOSTILE},
        "card": HOSTILE,
        "sources": [HOSTILE],
    }
    run_pilot(profiled, "KE", 5, lambda _: None, lambda _: None)
    own_pack(profiled.root, **hostile)
    found = find_pack("KE", profiled.root)
    page = country_page(found, check_pack(found, read_people(profiled)), read_pilot(profiled, "KE"))
    tokens = [
        leaf
        for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(page)
        for leaf in (token.children or [token])
    ]
    assert not {leaf.type for leaf in tokens} & {"html_block", "html_inline", "link_open", "image"}
    assert [token.tag for token in MarkdownIt().parse(page) if token.type == "heading_open"] == ["h1", *["h2"] * 5]
    assert "{{ 7" in page.replace("\\", "")  # and nothing was computed
