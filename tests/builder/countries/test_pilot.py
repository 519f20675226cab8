"""`country pilot`: the price first, questions of the country alone, no table touched, text escaped."""

import pytest
from markdown_it import MarkdownIt

from builder.countries.pages import render_page
from builder.countries.pilot import read_pilot, run_pilot
from mvpbench.store.journal import Journal
from mvpbench.store.study import Study
from schemas.errors import ConfigError, InputError, Stopped
from schemas.questions import Answer, Question, Recipe, WriterStamp
from schemas.readiness import PilotResult
from schemas.values import Split
from tests.builder.countries.made import own_pack

pytestmark = pytest.mark.slow

HOSTILE = "\n\n# Head\n<script>alert(1)</script> | [a](javascript:x) ![b](http://x/y.png) {{ 7 * 7 }} `"


def free(price: str | None) -> None:
    assert price is None


def test_questions_are_written_for_readers_and_no_table_is_touched(profiled: Study) -> None:
    before = {path: path.read_bytes() for path in profiled.tables.iterdir()}
    said: list[str] = []
    outcome = run_pilot(profiled, "KE", 5, said.append, free)
    assert said[0] == "the pilot's price: nothing"
    assert outcome.result.questions == 5
    assert outcome.outputs == ("reports/pilot-KE.md", "reports/pilot-KE.json")
    page = (profiled.reports / "pilot-KE.md").read_text(encoding="utf-8")
    assert page.count("\n### ") == 5
    assert page.startswith("# Pilot: 5 questions for Kenya (KE)")
    assert page.count("- **") == 10  # two answers each, with their sides
    assert {path: path.read_bytes() for path in profiled.tables.iterdir()} == before
    with Journal(profiled.journal) as journal:
        assert (journal.matches(), journal.questions(), journal.loans()) == ([], {}, [])
    assert read_pilot(profiled, "KE") == outcome.result


def test_the_same_pilot_again_asks_the_same(profiled: Study) -> None:
    run_pilot(profiled, "KE", 3, lambda _: None, free)
    first = (profiled.reports / "pilot-KE.md").read_bytes()
    run_pilot(profiled, "KE", 3, lambda _: None, free)
    assert (profiled.reports / "pilot-KE.md").read_bytes() == first


def test_a_country_without_pairs_is_told_so(profiled: Study) -> None:
    with pytest.raises(InputError) as raised:
        run_pilot(profiled, "DE", 5, lambda _: None, free)
    assert raised.value.report.code == "country-without-pairs"
    assert raised.value.report.found == "0 people of DE in the survey, and no pair among them"
    assert not (profiled.reports / "pilot-DE.md").exists()


def test_a_country_without_a_pack_is_sent_to_init(profiled: Study) -> None:
    with pytest.raises(ConfigError, match="mvpbench country init TZ"):
        run_pilot(profiled, "TZ", 5, lambda _: None, free)


def test_a_price_that_is_declined_stops_before_anything_is_written(profiled: Study) -> None:

    def declined(price: str | None) -> None:
        raise Stopped("declined", f"spending {price}")

    with pytest.raises(Stopped):
        run_pilot(profiled, "KE", 5, lambda _: None, declined)
    assert list(profiled.reports.iterdir()) == []


def test_a_broken_prompt_stops_it_too(profiled: Study) -> None:
    own_pack(profiled.root, prompts={"topic": "{{ secret }}"})
    with pytest.raises(ConfigError, match="blanks that nothing fills: secret"):
        run_pilot(profiled, "KE", 5, lambda _: None, free)


def test_a_record_that_is_damaged_is_no_pilot(profiled: Study) -> None:
    assert read_pilot(profiled, "KE") is None
    (profiled.reports / "pilot-KE.json").write_text("{", encoding="utf-8")
    assert read_pilot(profiled, "KE") is None


def test_what_models_write_is_shown_as_it_stands() -> None:
    answers = (Answer(id="a-1", text=HOSTILE, side="care:high"), Answer(id="a-2", text="b", side="care:low"))
    question = Question(
        id="q-1",
        recipe=Recipe.SIDES,
        dimensions=("care",),
        language="en",
        split=Split.TRAIN,
        topic=HOSTILE,
        text=HOSTILE,
        answers=answers,
        written_for="r-1",
        pairs=("m-1",),
        stamp=WriterStamp(writer="openai", version="1"),
    )
    result = PilotResult(code="KE", asked=1, questions=1, by_recipe={}, dropped={}, writer=HOSTILE, languages=("en",))
    page = render_page("pilot.md.j2", result=result, name=HOSTILE, questions=[question], synthetic=True)
    tokens = [
        leaf
        for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(page)
        for leaf in (token.children or [token])
    ]
    assert not {leaf.type for leaf in tokens} & {"html_block", "html_inline", "link_open", "image"}
    heads = [token for token in MarkdownIt().parse(page) if token.type == "heading_open"]
    assert len(heads) == 4
    assert "The people are made up" in page
