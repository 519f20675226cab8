"""An adjudicator in a real browser: comments are shown as they stand, and what comes back is what was pressed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from annotation.adjudication.interface import Decision, adjudication_page, adjudication_texts, read_decision
from annotation.adjudication.task import adjudication_task
from annotation.labels import label_questions
from annotation.studio import Studio
from annotation.web import Session
from schemas.annotation import ItemDefect
from schemas.labels import Ruling, RulingReason
from tests.annotation.made import made_pair, made_question
from tests.annotation.pushed import exported
from tests.annotation.votes import made_item_annotation

pytestmark = [pytest.mark.server, pytest.mark.browser]
CHROMIUM = "/usr/bin/chromium"
FLAGS = """--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync
    --no-first-run"""
HOSTILE = "<img src=x onerror=\"document.title='broken in'\"> <b>bold</b>"
PASSWORD = "a long password of ours"


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield browser.new_page(viewport={"width": 1400, "height": 1000})
        browser.close()


def test_an_adjudicator_decides_by_keys_and_comments_are_shown_not_run(
    studio: Studio, page: Page, tmp_path: Path
) -> None:
    question, ask = made_question(1), adjudication_texts("en")
    rows = [
        made_item_annotation(question, 1, "other", defects=(ItemDefect.LEAK,), comment=HOSTILE),
        made_item_annotation(question, 2, defects=(ItemDefect.LEAK, ItemDefect.STEREOTYPE), comment="Names a town."),
    ]
    label = label_questions([question], made_pair(question, 1), rows).rows[0]
    task = adjudication_task(question, label, rows, "suffers with those who suffer.", ask)
    made = adjudication_page(ask, task.slot)
    project = studio.create_project(made.title, "[mvpbench browser]", made.config, made.instruction)
    studio.import_tasks(project, [{"uid": task.uid, **task.shown}])
    email = f"{tmp_path.name.replace('_', '-')}@people.invalid"
    Session(studio.url).sign_up(studio.invite_link(), email, PASSWORD)

    page.goto(f"{studio.url}/user/login/")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("[type=submit]")
    page.goto(f"{studio.url}/projects/{project}/data?labeling=1")
    page.get_by_text("Decide whether the question").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("Decide whether the question").wait_for(state="hidden")
    page.get_by_text(HOSTILE).wait_for()
    page.get_by_text("Gives away who or where somebody is: 2").wait_for()
    page.keyboard.press("d")
    page.keyboard.press("u")
    page.get_by_placeholder("What is wrong, and what would mend it?").fill("the town")
    with page.expect_response(lambda reply: "/annotations" in reply.url and reply.request.method == "POST"):
        page.get_by_role("button", name="Submit current annotation").click()
    assert "broken in" not in page.title()

    ((said,),) = (one.annotations for one in exported(studio, project))
    expected = Decision(ruling=Ruling.DROP, reason=RulingReason.LEAK, comment="the town")
    assert read_decision(said.result) == expected
    studio.delete_project(project)
