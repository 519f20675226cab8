"""The page tells every question with its people, keeps foreign texts text, and finds what is looked for."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from builder.browse import page
from builder.browse.data import payload
from builder.browse.render import checks_of
from schemas.questions import Dropped, Instance, Recipe
from tests.builder.browse.made import HOSTILE, Made, several

pytestmark = pytest.mark.slow

LOADING = {"src", "srcset", "data", "action", "poster", "background"}
DROPPED = (
    Dropped(stage="generate", subject="m-1", reason="blank-text"),
    Dropped(stage="generate", subject="m-2", reason="same-answers", detail="</td><script>x</script>\u202eturned"),
    Dropped(stage="generate", subject="m-3", reason="same-answers"),
)


class Tags(HTMLParser):
    """Every tag with its attributes, and the text outside of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._inside = ""
        self.feed(text)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag."""
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        """Leave it."""
        self._inside = ""

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        if self._inside not in {"script", "style"}:
            self.text += f" {data} "


def made_page(*, synthetic: bool = False) -> str:
    return page(several().generated(DROPPED), synthetic=synthetic, title="Made <study>")


def data_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def test_nothing_is_loaded_and_two_scripts_are_ours() -> None:
    found = Tags(made_page())
    assert [attributes for tag, attributes in found.tags if tag == "script"] == [
        {"type": "application/json", "id": "data"},
        {},
    ]
    assert not [tag for tag, _ in found.tags if tag in {"link", "iframe", "object", "img", "base", "form"}]
    for tag, attributes in found.tags:
        assert not LOADING & attributes.keys(), tag
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
    (policy,) = [str(one["content"]) for tag, one in found.tags if tag == "meta" and "http-equiv" in one]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_the_data_holds_the_texts_as_they_are_but_for_what_hides() -> None:
    hostile = data_of(made_page())["questions"][2]
    assert hostile["text"] == HOSTILE[0].replace("\u202e", "")
    assert [one["text"] for one in hostile["answers"]] == [HOSTILE[1], HOSTILE[2].replace("\u2066", "")]
    assert hostile["unseen"] == 2


def test_the_head_counts() -> None:
    text = Tags(made_page()).text
    assert "5 questions, put 21 times to 21 people; 8 pairs of counterparts." in text
    for words in ("sides 3", "tradeoff 1", "paper 1", "ar 1", "template 4", "openai writer-1 1", "steering-words 1"):
        assert words in text
    assert "not-defensible 1" in text
    assert "these questions 0.0030 USD" in text
    assert "tokens in 700" in text
    assert "tokens out 94" in text
    assert "Dropped: questions (3)" in text
    assert "same-answers 2 m-2: </td><script>x</script>turned m-3" in text


def test_answers_stand_high_side_first_whatever_their_ids() -> None:
    for question in data_of(made_page())["questions"]:
        assert question["answers"][0]["side"] in {"Care: high", "Care ahead of Purity", "Care: high, Purity: low"}
        assert all(stand[1] == place for pair in question["pairs"] for place, stand in enumerate(pair["people"]))


def test_every_person_stands_at_the_expected_answer() -> None:
    generated = several().generated()
    told = payload(generated)
    people, questions = told["people"], told["questions"]
    assert isinstance(people, list)
    assert isinstance(questions, list)
    by_id: dict[str, Instance] = {one.id: one for one in generated.instances}
    seen = 0
    for question in questions:
        for stand in [*(one for pair in question["pairs"] for one in pair["people"]), *question["alone"]]:
            instance = by_id[stand[3]]
            assert people[stand[0]]["id"] == instance.respondent_id
            assert question["answers"][stand[1]]["id"] == instance.expected
            seen += 1
    assert seen == 2 + 2 + 2 + 3 * 2 + 3 + 1  # of five pairs three, of four alone three
    assert [(one["pairCount"], one["aloneCount"]) for one in questions] == [(1, 4), (1, 0), (1, 0), (5, 0), (0, 1)]


def test_the_cost_of_a_question_is_of_its_writer_and_its_judge() -> None:
    first, _, third, *_ = data_of(made_page())["questions"]
    assert first["cost"] is None
    assert third["cost"] == {"usd": 0.003, "tokens": [700, 94], "questions": 1}


def test_a_call_that_wrote_several_questions_says_so() -> None:
    made = several()
    stamp = made.questions[2].stamp
    made.question(("Another?", "Yes.", "No."), update={"stamp": stamp})
    assert data_of(page(made.generated(), synthetic=True, title="x"))["questions"][-1]["cost"]["questions"] == 2


@pytest.mark.parametrize("synthetic", [True, False])
def test_the_page_says_whose_data_it_holds(synthetic: bool) -> None:
    text = Tags(made_page(synthetic=synthetic)).text
    assert ("SYNTHETIC These people are made up" in text) is synthetic
    assert ("Personal data." in text) is not synthetic


def test_nothing_was_generated() -> None:
    generated = replace(Made().generated(), stale=("section generate of study.yaml changed",))
    text = Tags(page(generated, synthetic=True, title="x")).text
    assert "0 questions, put 0 times to 0 people" in text
    assert "section generate of study.yaml changed." in text


def test_people_and_profiles_that_are_gone_are_told_by_their_ids() -> None:
    generated = replace(several().generated(), respondents=(), profiles=(), matches=())
    people = data_of(page(generated, synthetic=True, title="x"))["people"]
    assert people[0] == {"id": "r-00000", "country": None, "region": None, "known": [], "scores": {}}


@contextmanager
def opened(path: Path, scheme: str = "light", width: int = 1200) -> Iterator[tuple[Page, list[str]]]:
    """The page in a browser, and whatever it logs or asks for."""
    logged: list[str] = []
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        tab.on("console", lambda message: logged.append(message.text))
        tab.on("pageerror", lambda error: logged.append(str(error)))
        tab.on("request", lambda request: logged.append(request.url))
        tab.goto(path.as_uri())
        yield tab, logged
        browser.close()


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(made_page(), encoding="utf-8")
    return path


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width", "paper"), [("light", 1200, (255,) * 3), ("dark", 390, (20, 23, 26))])
def test_the_page_fits_the_screen_and_logs_nothing(
    written: Path, scheme: str, width: int, paper: tuple[int, int, int]
) -> None:
    with opened(written, scheme, width) as (tab, logged):
        tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert tab.evaluate("document.documentElement.scrollWidth") == width
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == f"rgb{paper}"
        assert tab.locator("article").count() == 5
    assert logged == [written.as_uri()]


@pytest.mark.browser
def test_hostile_texts_are_shown_and_do_nothing(written: Path) -> None:
    with opened(written) as (tab, logged):
        card = tab.locator("article#q-00002")
        assert card.locator("h3").inner_text() == HOSTILE[0].replace("\u202e", "")
        assert card.locator(".side p").first.inner_text() == HOSTILE[1]
        assert tab.locator("article img, article script, article i").count() == 0
        assert tab.title() == "Made <study>: questions"
        assert tab.evaluate("typeof window.taken") == "undefined"
    assert logged == [written.as_uri()]


@pytest.mark.browser
def test_arabic_runs_from_the_right(written: Path) -> None:
    with opened(written) as (tab, _):
        card = tab.locator("article#q-00001")
        assert card.locator("h3").evaluate("one => getComputedStyle(one).direction") == "rtl"
        assert card.locator("h3").get_attribute("lang") == "ar"
        assert card.locator(".chip").first.evaluate("one => getComputedStyle(one).direction") == "ltr"
        assert "Egypt · Africa" in card.locator(".who").first.inner_text()


@pytest.mark.browser
def test_filters_and_search(written: Path) -> None:
    with opened(written) as (tab, _):

        def ids() -> list[str | None]:
            return [one.get_attribute("id") for one in tab.locator("article").all()]

        def choose(field: str, value: str) -> list[str | None]:
            tab.locator("#clear").click() if tab.locator("#clear").is_visible() else None
            tab.locator(f"select[data-field={field}]").select_option(value)
            return ids()

        assert choose("recipe", "paper") == ["q-00004"]
        assert choose("dimension", "purity") == ["q-00001", "q-00004"]
        assert choose("country", "EG") == ["q-00001"]
        assert choose("language", "ar") == ["q-00001"]
        assert choose("scope", "region") == ["q-00001"]
        assert choose("scope", "none") == ["q-00000", "q-00004"]
        assert choose("check", "flagged") == choose("check", "judge objects") == ["q-00002"]
        tab.locator("select[data-field=recipe]").select_option("paper")
        assert tab.locator("#status").inner_text() == "None of 5 questions fits."
        tab.locator("#clear").click()
        assert len(ids()) == 5
        for words, expected in (("ASKED many", "q-00003"), ("العمل التزام", "q-00001"), ("q-00002", "q-00002")):
            tab.locator("#words").fill(words)
            assert ids() == [expected]
        assert tab.locator("#status").inner_text() == "1 to 1 of 1 that fit, of 5"


@pytest.mark.browser
def test_keys_lead_through_the_questions(written: Path) -> None:
    with opened(written) as (tab, _):

        def at() -> str:
            return str(tab.evaluate("document.activeElement.id"))

        tab.keyboard.press("n")
        assert at() == "q-00000"
        tab.keyboard.press("n")
        tab.keyboard.press("n")
        assert at() == "q-00002"
        tab.keyboard.press("p")
        assert at() == "q-00001"
        tab.keyboard.press("/")
        assert at() == "words"
        tab.keyboard.type("n/p")
        assert tab.locator("#words").input_value() == "n/p"
        tab.keyboard.press("Escape")
        assert at() != "words"
        tab.locator("#words").fill("")
        tab.locator("#keys").uncheck()
        tab.keyboard.press("n")
        assert at() == "keys"


@pytest.mark.browser
def test_every_control_has_a_name_and_the_script_knows_the_checks_of_the_head(written: Path) -> None:
    with opened(written) as (tab, _):
        nameless = "[...document.querySelectorAll('input, select')].filter(one => !one.labels.length).length"
        assert tab.evaluate(nameless) == 0
        offered = {str(one.get_attribute("value")) for one in tab.locator("select[data-field=check] option").all()} - {
            ""
        }
        assert offered == {code for one in several().questions for code in checks_of(one)}
        for code in sorted(offered):
            tab.locator("select[data-field=check]").select_option(code)
            shown = {one.get_attribute("id") for one in tab.locator("article").all()}
            assert shown == {one.id for one in several().questions if code in checks_of(one)}


@pytest.mark.browser
def test_eight_thousand_questions_are_found_at_once(tmp_path: Path) -> None:
    made = Made()
    for number in range(8000):
        recipe = Recipe.TRADEOFF if number % 2 else Recipe.SIDES
        text = f"Question {number}: {'what would you do about it then? ' * 6}"
        made.question((text, "Yes. " * 30, "No. " * 30), recipe)
    path = tmp_path / "page.html"
    path.write_text(page(made.generated(), synthetic=True, title="Many"), encoding="utf-8")
    assert path.stat().st_size < 25_000_000
    with opened(path) as (tab, logged):
        assert tab.locator("article").count() == 50
        tab.evaluate("document.getElementById('words').focus()")
        start = time.monotonic()
        tab.locator("#words").fill("question 7999:")
        assert tab.locator("article").count() == 1
        assert time.monotonic() - start < 5
        tab.locator("#words").fill("")
        tab.get_by_role("button", name="Next page").first.click()
        assert tab.locator("#status").inner_text() == "51 to 100 of 8,000 questions"
        for _ in range(51):
            tab.keyboard.press("n")
        assert tab.locator("#status").inner_text() == "101 to 150 of 8,000 questions"
    assert logged == [path.as_uri()]
