"""What a writer can write: the template writer in English, of frameworks with scenarios; a model everything."""

import pytest

from builder.countries.writable import knows, writes
from schemas.study import WriterSection

TEMPLATE, MODEL = WriterSection(), WriterSection(kind="openai", model="m")


@pytest.mark.parametrize(("language", "told"), [("en", True), ("en-KE", True), ("sw", False), ("enm", False)])
def test_the_template_writer_writes_in_english_alone(language: str, told: bool) -> None:
    assert writes(TEMPLATE, language) is told
    assert writes(MODEL, language)


@pytest.mark.parametrize(("framework", "told"), [("mfq2", True), ("pvq21", False), ("a study's own", False)])
def test_the_template_writer_knows_frameworks_with_scenarios_alone(framework: str, told: bool) -> None:
    assert knows(TEMPLATE, framework) is told
    assert knows(MODEL, framework)
