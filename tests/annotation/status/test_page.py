"""The page: foreign texts stay text, nothing is loaded, long comments are folded, and it can be read."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from annotation.status.measure import measure
from annotation.status.page import LINES, LONG, page
from annotation.status.seen import Seen
from tests.annotation.status.made import HOSTILE, NOW, answer, seen, tasks
from tests.annotation.status.small import FIRST, small

CHROMIUM = "/usr/bin/chromium"
FLAGS = """--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync
    --no-first-run"""
VISIBLE = '<script>document.title="broken"</script> [bold red]loud[/] turned & "quoted" [31mred[0m'
LOADING = {"src", "srcset", "data", "action", "poster", "background", "formaction"}


class Tags(HTMLParser):
    """Every tag with its attributes, and the text outside of styles."""

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
        if self._inside != "style":
            self.text += f" {data} "


def hostile() -> Seen:
    """Every text that is not ours, hostile: of raters, of their list, of the writer, of the server, of the study."""
    given = small()
    return replace(
        given,
        study=HOSTILE,
        annotations=[one.model_copy(update={"comment": HOSTILE, "annotator": HOSTILE}) for one in given.annotations],
        dropped=[one.model_copy(update={"subject": HOSTILE}) for one in given.dropped],
        placements={slot: one.model_copy(update={"rater": HOSTILE}) for slot, one in given.placements.items()},
        texts=dict.fromkeys(given.texts, HOSTILE),
    )


def test_hostile_texts_are_text() -> None:
    text = page(measure(hostile(), NOW))
    found = Tags(text)
    assert not [tag for tag, _ in found.tags if tag in {"script", "link", "iframe", "object", "img", "base", "form"}]
    for tag, attributes in found.tags:
        assert not LOADING & attributes.keys(), tag
        assert not [name for name in attributes if name.startswith("on")], tag
        assert attributes.get("style", "").startswith("width:") or "style" not in attributes  # type: ignore[union-attr]
    assert not set(text) & {"\x1b", "\u202e", "\u202c"}
    # The title, the heading, the comments of 8 answers, the names of raters, an example and the text of two items.
    assert found.text.count(VISIBLE) > 12


def test_nothing_may_be_loaded_or_run() -> None:
    (policy,) = [
        attributes["content"]
        for tag, attributes in Tags(page(measure(small(), NOW))).tags
        if "http-equiv" in attributes
    ]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_the_page_says_what_was_counted() -> None:
    text = Tags(page(measure(small(), NOW))).text
    for words in (
        "Declared sample: 12 of 20 ratings are in (60 %), 8 to go.",
        "DECLARED 2 TIMES, earlier: 2026-11-01 5 ratings.",
        "Not told: the declared sample is not in (12 of 20 ratings).",
        "0 of 2 comprehension tasks passed 0 % [0, 84]",
        "Brazil, pt-BR addressed in en",
        "from TZ",
        "open in KE-sw-person-2",
        "Would you <b>help</b>?",
        "at most 10 minutes of each task",
        "100.00 KES",
        "1 with nobody",
    ):
        assert words in text, words
    assert "Gate" not in text


def test_a_gate_is_told_with_its_numbers_when_the_sample_is_in() -> None:
    text = Tags(page(measure(small(whole=True), NOW))).text
    assert "✕ Gate failed Alpha 0.43 [0.35, 0.52] on 5 units." in text
    assert "Kenya 0.43 [0.35, 0.52] 71 % 90 % [80, 95] 120 3" in text


@pytest.mark.parametrize(
    ("comment", "folded"),
    [("x" * LONG, False), ("x" * (LONG + 1), True), ("a\n" * LINES + "b", True), ("a\n" * (LINES - 1) + "b", False)],
)
def test_a_long_comment_is_folded(comment: str, folded: bool) -> None:
    assigned = tasks(FIRST, 1)
    found = Tags(page(measure(seen(assigned, [answer(assigned[0], comment=comment)]), NOW)))
    comments = [tag for tag, _ in found.tags[[tag for tag, _ in found.tags].index("ol") :]]
    assert ("details" in comments) is folded
    assert " ".join(comment.split()) in found.text


def test_before_the_first_pull() -> None:
    text = Tags(page(measure(seen(tasks(FIRST, 2), pulled=False), NOW))).text
    assert "Nothing pulled yet: mvpbench annotate pull brings what raters said." in text
    assert "Nobody has answered anything yet." in text
    assert "No rater has left a comment." in text


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 420])
def test_in_a_browser_hostile_texts_stand_there_and_nothing_is_wider_than_the_window(
    tmp_path: Path, scheme: str, width: int
) -> None:
    path = tmp_path / "annotation.html"
    path.write_text(page(measure(hostile(), NOW)), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        said: list[str] = []
        view.on("console", lambda message: said.append(message.text))
        view.on("pageerror", lambda error: said.append(str(error)))
        view.goto(path.as_uri())
        assert view.title().endswith(": annotation")
        assert view.title() != "broken"
        view.get_by_text("8 comments, the latest first").or_(
            view.get_by_text("comments, the latest first")
        ).first.click()
        assert view.get_by_text(VISIBLE).first.is_visible()
        assert view.evaluate("document.documentElement.scrollWidth") == width
        assert said == []
        browser.close()
