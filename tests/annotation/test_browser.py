"""A rater in a real browser: sees texts as they stand, answers by keys, and what comes back is what was pressed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from annotation.interface import instruction, labelling_config
from annotation.person import assignment, read_answer, task_data
from annotation.studio import Studio, read_export
from annotation.web import Session
from tests.annotation.made import made_pair, made_question

pytestmark = [pytest.mark.server, pytest.mark.browser]
CHROMIUM = "/usr/bin/chromium"
FLAGS = """--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync
    --no-first-run"""
HOSTILE = "<img src=x onerror=\"document.title='broken in'\"> <b>bold</b>?"
PROFILE = "first line\nsecond line"
PASSWORD = "a long password of ours"


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield browser.new_page(viewport={"width": 1400, "height": 1000})
        browser.close()


def test_a_rater_answers_by_keys_and_hostile_text_is_shown_not_run(studio: Studio, page: Page, tmp_path: Path) -> None:
    question = made_question(1, text=HOSTILE)
    assigned = assignment(made_pair(question, 1)[0], question, PROFILE, "person-1")
    project = studio.create_project("In a browser", "[mvpbench browser]", labelling_config(), instruction())
    studio.import_tasks(project, [task_data(assigned, question, PROFILE)])
    email = f"{tmp_path.name.replace('_', '-')}@people.invalid"
    Session(studio.url).sign_up(studio.invite_link(), email, PASSWORD)

    page.goto(f"{studio.url}/user/login/")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("[type=submit]")
    page.goto(f"{studio.url}/projects/{project}/data?labeling=1")
    page.get_by_text("Each task shows what matters to one person").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text(HOSTILE).wait_for()
    page.get_by_text("Each task shows what matters to one person").wait_for(state="hidden")
    page.keyboard.press("b")
    page.keyboard.press("x")
    page.get_by_placeholder("Why, or what is wrong here?").fill("because")
    with page.expect_response(lambda reply: "/annotations" in reply.url and reply.request.method == "POST"):
        page.get_by_role("button", name="Submit current annotation").click()
    assert "broken in" not in page.title()

    (task,) = read_export(studio.export(project), "export")
    (said,) = task.annotations
    answered = read_answer(said.result, assigned)
    assert (answered.vote, answered.sureness, answered.comment) == (assigned.answer_order[1], "fairly_sure", "because")
    studio.delete_project(project)
