"""Raters in a real browser: they sign up, see texts as they stand, answer by keys, and what was pressed comes back."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from annotation.sample.material import Planned
from annotation.studio import Studio
from annotation.tasks.answers import Answered, read_answer
from annotation.tasks.interface import instruction, labelling_config
from annotation.tasks.item import item_task
from annotation.tasks.person import person_task
from annotation.tasks.shown import task_data
from builder.countries.strings import rater_texts
from schemas.annotation import ItemDefect, TaskKind
from schemas.identity import content_id
from schemas.questions import Answer, Question
from tests.annotation.made import made_pair, made_question
from tests.annotation.pushed import exported

pytestmark = [pytest.mark.server, pytest.mark.browser]
CHROMIUM = "/usr/bin/chromium"
FLAGS = """--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync
    --no-first-run"""
HOSTILE = "<img src=x onerror=\"document.title='broken in'\"> <b>bold</b>?"
PASSWORD = "a long password of ours"
SCREENSHOTS = os.environ.get("MVPBENCH_SCREENSHOTS")
"""Folder where what raters see is left to be looked at."""

ARABIC = {
    "question": "ورثتُ مع أختي بيت والدينا. هي اعتنت بهما سنوات. كيف نقتسم البيت؟",
    "answers": ("اقتسماه بالتساوي: فأنتما أختان.", "لأختك نصيب أكبر: فقد بذلت أكثر."),
    "profile": "ما يهم هذا الشخص، من الأهم إلى الأقل أهمية.\n\nهذا الشخص ...\n– يريد أن ينال الجميع الشيء نفسه",
    "aspect": "يريد أن ينال الجميع الشيء نفسه",
}


@pytest.fixture
def page(scheme: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        # As the server's own switch in the corner of the page leaves it.
        page.add_init_script(f"localStorage.setItem('preferred-color-scheme', '{scheme}')")
        yield page
        browser.close()


def question_in(language: str) -> Question:
    if language == "en":
        return made_question(1, text=HOSTILE)
    question = made_question(1, text=str(ARABIC["question"]))
    texts = sorted(ARABIC["answers"], key=lambda one: content_id("a", one))
    answers = tuple(
        Answer(id=content_id("a", text), text=text, side=side)
        for text, side in zip(texts, ("care:high", "care:low"), strict=True)
    )
    return question.model_copy(update={"answers": answers, "language": language})


def planned(task: TaskKind, language: str) -> Planned:
    question = question_in(language)
    profile = "first line\nsecond line" if language == "en" else str(ARABIC["profile"])
    aspect = "is moved by mercy" if language == "en" else str(ARABIC["aspect"])
    if task is TaskKind.ITEM:
        return Planned(*item_task(question, aspect, f"KE-{language}-item-1"))
    return Planned(*person_task(made_pair(question, 1)[0], question, profile, f"KE-{language}-person-1"))


def sign_up(page: Page, studio: Studio, email: str) -> None:
    page.goto(studio.invite_link())
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("[type=submit]")
    page.wait_for_url(lambda url: "signup" not in url)
    page.wait_for_load_state("networkidle")


def log_in(page: Page, studio: Studio, email: str) -> None:
    page.goto("about:blank")  # what the page before still asks for would bring its session back
    page.context.clear_cookies()
    page.goto(f"{studio.url}/user/login/")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("[type=submit]")
    page.wait_for_url(lambda url: "login" not in url)


@pytest.mark.parametrize(
    ("task", "language", "scheme"),
    [
        (TaskKind.PERSON, "en", "Light"),
        (TaskKind.PERSON, "ar", "Dark"),
        (TaskKind.ITEM, "ar", "Light"),
        (TaskKind.ITEM, "en", "Dark"),
    ],
)
def test_a_rater_signs_up_and_answers_by_keys_and_hostile_text_is_shown_not_run(
    studio: Studio, page: Page, tmp_path: Path, task: TaskKind, language: str, scheme: str
) -> None:
    assigned, texts = planned(task, language)
    words = rater_texts(language)
    project = studio.create_project(
        "In a browser", "[mvpbench browser]", labelling_config(task, words), instruction(task, words)
    )
    studio.import_tasks(project, [task_data(assigned, texts)])
    email = f"{tmp_path.name.replace('_', '-')}@people.invalid"[-60:].lower()
    sign_up(page, studio, email)
    log_in(page, studio, email)

    page.goto(f"{studio.url}/projects/{project}/data?labeling=1")
    told = words.instruction if task is TaskKind.PERSON else words.item.instruction
    page.get_by_text(told[:40]).wait_for()
    photographed(page, f"{task.value}-{language}-told")
    page.keyboard.press("Escape")
    page.get_by_text(texts["question"]).wait_for()
    page.get_by_text(told[:40]).wait_for(state="hidden")
    assert turned(page) == ("rtl" if language == "ar" else "ltr")
    assert page.evaluate("document.documentElement.dataset.colorScheme") == scheme.lower()
    photographed(page, f"{task.value}-{language}")
    for key in "bx" if task is TaskKind.PERSON else "bqr":
        page.keyboard.press(key)
    page.get_by_placeholder(words.comment).fill("because")
    photographed(page, f"{task.value}-{language}-answered")
    with page.expect_response(lambda reply: "/annotations" in reply.url and reply.request.method == "POST"):
        page.keyboard.press("Tab")
        page.keyboard.press("Control+Enter")  # as the instruction says
    assert "broken in" not in page.title()

    ((said,),) = (one.annotations for one in exported(studio, project))
    second = assigned.answer_order[1]
    if task is TaskKind.PERSON:
        expected = Answered(vote=second, sureness="fairly_sure", comment="because")
    else:
        defects = (ItemDefect.NOT_DEFENSIBLE, ItemDefect.LEAK)
        expected = Answered(vote=second, defects=defects, comment="because")
    assert read_answer(said.result, assigned) == expected
    studio.delete_project(project)


def turned(page: Page) -> str:
    return str(page.locator(".mvp").first.evaluate("one => getComputedStyle(one).direction"))


def photographed(page: Page, name: str) -> None:
    if SCREENSHOTS:
        scheme = page.evaluate("document.documentElement.dataset.colorScheme")
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}-{scheme}.png")
