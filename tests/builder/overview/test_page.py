"""The page is one file that loads nothing, escapes everything, warns where countries stand side by side."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pycountry
import pytest
from playwright.sync_api import sync_playwright

from builder.overview import overview_page, render
from mvpbench.demo.sample import SAMPLE
from schemas.codebook import Missing
from schemas.errors import ConfigError, InputError
from schemas.overview import SurveyOverview
from schemas.values import ValueFramework
from tests.builder.made import made_framework, made_item
from tests.builder.overview.made import ITEMS, crowd, made_survey, measured, person
from tests.real import D3CODE, needs_d3code
from tests.synthetic import ess

pytestmark = pytest.mark.slow

HOSTILE = "</title></style><script>alert(1)</script>{{ 7 * 7 }}"
OWN = """\
codebook: 1
name: own
title: Own
version: "1"
framework: mfq2
citation: nobody
licence: CC0-1.0
id: who
country: {constant: KE}
items:
  - {column: a, dimension: care, scale: {low: 1, high: 5}}
  - {column: b, dimension: care, scale: {low: 1, high: 5}}
"""
LOADING = {"src", "srcset", "data", "action", "poster", "background"}
VOID = {"meta", "br", "link", "img", "input", "hr"}
SVG_EMPTY = {"path", "rect"}


class Tags(HTMLParser):
    """Every tag with its attributes, the text between them, and what is closed that was not open."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.crossed: list[str] = []
        self.feed(page)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag that closes itself."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last, or complain."""
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += f" {data} "


def two_countries() -> SurveyOverview:
    people = [*crowd(40, "KE"), *crowd(20, "BR"), *crowd(4, "IS"), *crowd(1, None)]
    people += [person("gone1", {"a1": Missing.REFUSED, "a2": 3.0}, "KE")]
    return measured(people)


def hostile() -> SurveyOverview:
    framework = made_framework()
    dimensions = [
        one.model_copy(update={"title": HOSTILE, "definition": HOSTILE, "reliability_source": HOSTILE})
        for one in framework.dimensions
    ]
    framework = ValueFramework(**{**dict(framework), "title": HOSTILE, "dimensions": dimensions})
    items = [item.model_copy(update={"text": HOSTILE}) for item in ITEMS]
    survey = made_survey(items, title=HOSTILE).model_copy(
        update={"citation": HOSTILE, "licence": HOSTILE, "source_file": HOSTILE, "doi": HOSTILE}
    )
    people = [
        one.model_copy(
            update={"demographics": one.demographics.model_copy(update={"known": {HOSTILE: HOSTILE}, "missing": {}})}
        )
        for one in [*crowd(30, "KE"), *crowd(20, "BR")]
    ]
    return measured(people, survey, framework)


@pytest.mark.parametrize("overview", [two_countries(), hostile(), measured([])], ids=["plain", "hostile", "nobody"])
def test_nothing_is_loaded_nothing_runs_and_every_tag_is_closed(overview: SurveyOverview) -> None:
    page = Tags(render(overview))
    assert not [tag for tag, _ in page.tags if tag in {"script", "link", "iframe", "object", "img", "base", "form"}]
    assert not [value for _, attributes in page.tags for name, value in attributes.items() if name in LOADING]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert all(str(found["href"]).startswith("#") for _, found in page.tags if "href" in found)
    policy = [found["content"] for tag, found in page.tags if tag == "meta" and "http-equiv" in found]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert (page.crossed, page.open) == ([], [])


def test_every_link_on_the_page_leads_somewhere_and_no_name_is_used_twice() -> None:
    page = Tags(render(two_countries()))
    names = [str(found["id"]) for _, found in page.tags if "id" in found]
    assert len(set(names)) == len(names)
    assert {str(found["href"])[1:] for _, found in page.tags if "href" in found} <= set(names)


def test_foreign_texts_stay_text() -> None:
    page = render(hostile())
    assert "<script>" not in page
    # title, heading, file, framework, citation, licence, DOI, three titles and definitions, texts, a demographic
    assert Tags(page).text.count("<script>alert(1)</script>{{ 7 * 7 }}") >= 20


def test_characters_that_turn_the_reading_direction_are_left_out() -> None:
    page = render(measured(crowd(20, "KE"), made_survey(title="left\u202eright\u0007\ud800")))
    assert "leftright" in page


def test_the_warning_stands_where_countries_stand_side_by_side_and_nowhere_else() -> None:
    both = Tags(render(two_countries())).text
    assert both.count("means of 2 countries are not comparable") == 3
    assert "Do not rank countries by them" in both
    assert "not comparable" not in Tags(render(measured(crowd(40, "KE")))).text


def test_a_small_country_is_named_and_nothing_is_told_of_it() -> None:
    text = Tags(render(two_countries())).text
    assert "Hidden, with fewer than 10 people: Iceland." in text
    assert "Brazil †" in text
    assert "Kenya †" not in text
    assert text.count("Iceland") == 2  # in the summary and below the table


def test_the_summary_says_what_is_in_the_way_first() -> None:
    wrong = [made_item(item.column, item.dimension) if item.column == "b2" else item for item in ITEMS]
    text = Tags(render(measured(crowd(40, "KE"), made_survey(wrong)))).text
    assert "Not as it is: something stands in the way." in text
    assert text.index("blue cannot be scored") < text.index("somebody of their country")
    assert "Yes, it can be used." in Tags(render(two_countries())).text


def test_pairs_are_no_good_news_beside_a_scale_that_cannot_be_scored() -> None:
    wrong = [made_item(item.column, item.dimension) if item.column == "b2" else item for item in ITEMS]
    overview = measured(crowd(40, "KE"), made_survey(wrong))
    assert "good" not in {one.kind for one in overview.findings}
    text = Tags(render(overview)).text
    assert "✓" not in text
    assert re.search(r"Counted without blue: for \d+ of 40 people", text)
    assert re.search(r"✓ For \d+ of 65 people", Tags(render(measured([*crowd(60, "KE"), *crowd(5, "BR")]))).text)


def test_every_scale_says_which_answer_counts_as_most() -> None:
    """All columns run from 1 to 5; b2 is asked the other way round."""
    text = Tags(render(measured(crowd(40, "KE")))).text
    assert text.count("By the codebook 5 counts as most and 1 as least.") == 2  # amber, crimson
    assert "5 counts as most and 1 as least in b1, b3; 1 counts as most and 5 as least in b2." in text


def test_the_banner_is_there_for_synthetic_people_alone() -> None:
    survey = made_survey().model_copy(update={"synthetic": True})
    assert 'class="banner"' in render(measured(crowd(20, "KE"), survey))
    assert 'class="banner"' not in render(two_countries())


def test_every_histogram_has_words() -> None:
    page = Tags(render(two_countries()))
    drawn = [found for tag, found in page.tags if tag == "svg"]
    assert len(drawn) == 3 * (1 + 2)
    assert all(found["role"] == "img" and "median" in str(found["aria-label"]) for found in drawn)
    assert any(str(found["aria-label"]).startswith("Kenya: 40 people, median") for found in drawn)


def test_the_command_writes_a_page_and_needs_no_study(tmp_path: Path) -> None:
    page = tmp_path / "pages" / "sample.html"
    done = overview_page(SAMPLE, page)
    assert "<h1>" in page.read_text(encoding="utf-8")
    assert done.outputs == (str(page),)
    assert done.result.overview.survey.synthetic
    assert any("made up" in line for line in done.summary)
    assert done.counts["people"] == done.result.overview.people > 0


def test_a_refused_file_is_told_with_all_its_rows(tmp_path: Path) -> None:
    """Of 60 rows 40 hold a 9 on a scale of 1 to 5, one lacks a cell: 5 % may be bad, and yet all of them are told."""
    book, path, page = tmp_path / "book.yaml", tmp_path / "own.csv", tmp_path / "page.html"
    book.write_text(OWN, encoding="utf-8")
    cells = [f"p{n},{9 if n < 40 else 1 + n % 5},{1 + n % 4}" for n in range(59)]
    path.write_text("\n".join(["who,a,b", *cells, "p60,3"]) + "\n", encoding="utf-8")
    done = overview_page(path, page, book)
    overview = done.result.overview
    assert (overview.rows, overview.people) == (60, 19)
    assert overview.set_aside == done.dropped == {"off-scale": 40, "row-uneven": 1}
    assert [len(first) for first in overview.set_aside_first.values()] == [3, 1]
    text = Tags(page.read_text(encoding="utf-8")).text
    assert "41 of 60 rows that cannot be used (40 off-scale, 1 row-uneven)" in text
    assert "41 of 60 rows cannot be used." in text
    for line in (2, 3, 4):
        assert f"own.csv, line {line}, column a: found 9" in text
    assert "line 5, column a" not in text
    assert "and 37 more" in text


def test_the_survey_is_not_written_over(tmp_path: Path) -> None:
    path = ess(60).write(tmp_path / "ess.csv")
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=r"ends in \.html"):
        overview_page(path, path)
    assert path.read_bytes() == before


def test_a_file_that_nobody_knows_needs_a_codebook(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no built-in codebook"):
        overview_page(path, tmp_path / "page.html")


def test_many_countries_and_values_stay_under_three_megabytes(tmp_path: Path) -> None:
    codes = [country.alpha_2 for country in list(pycountry.countries)[:75]]
    path = ess(75 * 40, countries=codes).write(tmp_path / "ess.csv")
    overview = overview_page(path, tmp_path / "page.html").result.overview
    assert (len(overview.countries), len(overview.scales)) == (75, 10)
    assert (tmp_path / "page.html").stat().st_size < 3_000_000


@needs_d3code
def test_real_people(tmp_path: Path) -> None:
    overview = overview_page(D3CODE, tmp_path / "page.html").result.overview
    assert (overview.people, len(overview.countries), len(overview.scales)) == (4309, 21, 6)
    care = overview.scales[0]
    # published: care 4.04 (.87) on 1 to 5
    assert care.whole.mean.mean == pytest.approx(25 * (4.04 - 1), abs=0.2)
    assert care.whole.distribution.sd == pytest.approx(25 * 0.87, abs=0.2)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1200, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_the_screen_and_logs_nothing(tmp_path: Path, width: int, scheme: str) -> None:
    path = tmp_path / "page.html"
    path.write_text(render(hostile() if width == 400 else two_countries()), encoding="utf-8")
    logged: list[str] = []
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        tab.on("console", lambda message: logged.append(message.text))
        tab.on("request", lambda request: logged.append(request.url))
        tab.goto(path.as_uri())
        tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        wide = tab.evaluate("document.documentElement.scrollWidth")
        browser.close()
    assert wide == width
    assert logged == [path.as_uri()]
