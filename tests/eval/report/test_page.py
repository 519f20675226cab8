"""The page is one file that loads nothing, escapes everything, and hides what is hidden."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from eval.report import Curve, render
from eval.run import Evaluation, baseline_scores, compared, evaluate, exam
from schemas.evaluation import Evaluated, Prediction, Stage
from schemas.labels import LabelStatus, Ruling
from schemas.study import EvalSection
from schemas.values import Split
from tests.eval.made import SPEC, Counted, made_pair, reads_care

pytestmark = pytest.mark.slow

HOSTILE = "</p><script>alert(1)</script>{{ 7 * 7 }}"
LOADING = {"src", "href", "srcset", "data", "action", "poster", "background"}
SPECS = [
    SPEC,
    SPEC.model_copy(update={"name": "made-up+sft", "stage": Stage.SFT, "weights_sha256": "1" * 64, "seed": 1}),
]
CURVE = Curve(
    title=HOSTILE, unit="nats", steps=(1, 2, 3), series={"chosen": (-3.0, -2.0, -1.0), HOSTILE: (1.0, 1.0, 1.0)}
)


class Tags(HTMLParser):
    """Every tag with its attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += f" {data} "


def made_page(
    folder: Path,
    values: tuple[str, ...] = ("care", "purity"),
    curves: Sequence[Curve] = (CURVE,),
    *,
    synthetic: bool = True,
    reviewers: str = "people",
    said_of: Callable[[int], tuple[LabelStatus, Ruling | None]] = lambda _: (LabelStatus.UNREVIEWED, None),
) -> str:
    """Two models on fourteen pairs in Kenya and three (six people) in Brazil. `said_of`: label and ruling of a pair."""
    train = [made_pair(number, split=Split.TRAIN) for number in range(10)]
    test = [made_pair(number, country="KE" if number < 14 else "BR", values=values) for number in range(17)]
    labelled = [
        replace(case, label=label, ruling=ruling)
        for number, pair in enumerate(test)
        for label, ruling in [said_of(number)]
        for case in pair
    ]
    paper = exam([*(case for pair in train for case in pair), *labelled], EvalSection(replies=2))
    evaluations = [evaluate(Counted(reads_care, spec).model, paper, folder, lambda _line: None) for spec in SPECS]
    results = [result for one in evaluations for result in one.results]
    results += compared(evaluations, baseline_scores(paper), paper)
    facts = Evaluated(
        release="made-up",
        version="1.0.0",
        data_sha256="a" * 64,
        manifest_sha256=None,
        title=HOSTILE,
        synthetic=synthetic,
        demo=("raters were simulated",) if synthetic else (),
        models=tuple(SPECS),
        train_pairs=10,
        test_pairs=17,
        asked_pairs=17,
        respondents=34,
        countries=2,
        labels={"unreviewed": 17},
        reviewers=reviewers,
        dropped={},
        prompt_version=1,
        made_with={"torch": "2"},
    )
    return render(facts, results, said(evaluations), curves)


def said(evaluations: Sequence[Evaluation]) -> list[Prediction]:
    rows = [row for one in evaluations for row in one.predictions]
    return [row.model_copy(update={"reply": HOSTILE}) if row.reply is not None else row for row in rows]


def test_nothing_is_loaded_and_nothing_runs(tmp_path: Path) -> None:
    page = Tags(made_page(tmp_path))
    assert not [tag for tag, _ in page.tags if tag in {"script", "link", "iframe", "object", "img", "base"}]
    assert not [value for _, attributes in page.tags for name, value in attributes.items() if name in LOADING]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_texts_of_people_and_models_stay_text(tmp_path: Path) -> None:
    page = made_page(tmp_path)
    assert "<script>" not in page
    # in the title, the curve, its series and the replies
    assert Tags(page).text.count("<script>alert(1)</script>{{ 7 * 7 }}") >= 4


def test_both_headlines_stand_apart_with_intervals(tmp_path: Path) -> None:
    text = " ".join(Tags(made_page(tmp_path)).text.split())
    assert "Use of stated values" in text
    assert "before tuning: 100 % over all pairs, as none was confirmed by raters (95 % interval" in text
    assert "Inference of values" in text
    assert "(95 % interval 50 to 50), not told apart from one half" in text


@pytest.mark.parametrize(
    ("others", "over"),
    [
        (LabelStatus.CONFIRMED, "confirmed pairs"),
        (LabelStatus.UNREVIEWED, "pairs that were not reviewed, as none that raters confirmed has a sound question"),
        (
            LabelStatus.CONTESTED,
            "all pairs, also of questions that adjudicators ruled out: none is left that raters confirmed",
        ),
    ],
)
def test_a_question_ruled_out_is_in_no_primary_figure_while_there_are_others(
    tmp_path: Path, others: LabelStatus, over: str
) -> None:
    def said_of(number: int) -> tuple[LabelStatus, Ruling | None]:
        return (LabelStatus.CONFIRMED, Ruling.DROP) if number < 6 else (others, None)

    text = " ".join(Tags(made_page(tmp_path, said_of=said_of)).text.split())
    assert f"before tuning: 100 % over {over} (95 % interval" in text


def test_a_small_country_is_named_and_its_figure_is_not(tmp_path: Path) -> None:
    text = " ".join(Tags(made_page(tmp_path)).text.split())
    assert "Hidden, with fewer than 10 people: Brazil." in text
    assert "Kenya 14 pairs, 28 people" in text
    assert "3 pairs, 6 people" not in text


def test_a_headline_that_cannot_be_measured_says_why(tmp_path: Path) -> None:
    text = " ".join(Tags(made_page(tmp_path, values=("care",))).text.split())
    assert "No figure: not measurable: the source holds nothing else about these people." in text


def test_the_banner_is_there_for_synthetic_people_alone(tmp_path: Path) -> None:
    assert "Synthetic people" in made_page(tmp_path)
    assert "raters were simulated" in made_page(tmp_path)
    assert 'class="banner"' not in made_page(tmp_path, synthetic=False)


@pytest.mark.parametrize("reviewers", ["people", "simulated raters"])
def test_the_page_says_who_confirmed(tmp_path: Path, reviewers: str) -> None:
    text = " ".join(Tags(made_page(tmp_path, reviewers=reviewers)).text.split())
    assert f"pairs of which {reviewers} confirmed both halves" in text
    assert f"What {reviewers} said" in text


def test_a_run_of_one_step_has_no_curve(tmp_path: Path) -> None:
    short = Curve(title="made-up loss", unit="nats", steps=(1,), series={"loss": (1.0,)})
    assert "made-up loss" not in made_page(tmp_path, curves=[short])


@pytest.mark.browser
@pytest.mark.parametrize("width", [1200, 400])
def test_the_page_fits_the_screen_and_logs_nothing(tmp_path: Path, width: int) -> None:
    path = tmp_path / "page.html"
    path.write_text(made_page(tmp_path), encoding="utf-8")
    logged: list[str] = []
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        tab = browser.new_page(viewport={"width": width, "height": 900})
        tab.on("console", lambda message: logged.append(message.text))
        tab.on("request", lambda request: logged.append(request.url))
        tab.goto(path.as_uri())
        wide = tab.evaluate("document.documentElement.scrollWidth")
        ends = tab.evaluate("[...document.querySelectorAll('.track .point')].map(m => m.getBoundingClientRect().right)")
        browser.close()
    assert wide == width
    assert max(ends) <= width
    assert logged == [path.as_uri()]
