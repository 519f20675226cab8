"""A pack's own prompts: what they may hold, that they are used for their country alone, and what they are not told."""

from pathlib import Path

import pytest

from builder.countries.prompts import blanks_of, country_prompts, faults, prompt_names, prompt_texts
from builder.writers.prompt import PROMPT_CHARACTERS, PROMPTS, CountryPrompts, prompter
from schemas.errors import ConfigError
from tests.builder.countries.made import own_pack
from tests.builder.writers.made import MFQ2, a_section, an_order

OWN: CountryPrompts = {"KE": {"system": "Andika kwa {{ language }}. Never: {{ taboo | join(', ') }}."}}


def test_the_built_in_prompts_are_what_may_be_written() -> None:
    assert prompt_names() == ("paper", "paper_system", "repair", "sides", "system", "topic", "tradeoff")
    for name in prompt_names():
        assert list(faults(name, (PROMPTS / f"{name}.jinja").read_text(encoding="utf-8"))) == [], name


def test_blanks_are_those_of_the_built_in_prompt() -> None:
    assert blanks_of("system") == {"domain", "taboo", "language"}
    assert blanks_of("paper") == {"stated", "concern", "area", "turn"}
    assert blanks_of("topic") == blanks_of("sides") == {"first", "second", "definitions", "concern", "area", "turn"}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("topic", "{{ area", "line 1: "),
        ("topic", "{{ secret }}", "blanks that nothing fills: secret"),
        ("system", "{{ concern }}", "blanks that nothing fills: concern"),
        ("topic", "a\n{{ area.__class__ }}", "line 2: getattr"),
        ("topic", "{{ area() }}", "line 1: call"),
        ("topic", "{{ 'x' * 999999999 }}", "line 1: mul"),
        ("topic", "{{ 9 ** 999999999 }}", "line 1: pow"),
        ("topic", "{{ area ~ area }}", "line 1: concat"),
        (
            "topic",
            "{% for a in [1, 2] %}x{% endfor %}",
            "line 1: a loop over something else than definitions or stated or taboo",
        ),
        (
            "topic",
            "{% for a in area %}x{% endfor %}",
            "line 1: a loop over something else than definitions or stated or taboo",
        ),
        (
            "topic",
            "{% for a in definitions %}{% if area %}\n{% for b in definitions %}x{% endfor %}{% endif %}{% endfor %}",
            "line 1: a loop with another loop or an include in it",
        ),
        ("topic", "{% for a in area %}" * 8 + "x" + "{% endfor %}" * 8, "line 1: a loop with another loop"),
        ("sides", "{% for a in definitions %}{% include 'topic.jinja' %}{% endfor %}", "line 1: a loop with another"),
        (
            "topic",
            "{{ concern | join(concern) }}",
            "line 1: a join of something else than definitions or stated or taboo",
        ),
        (
            "topic",
            "{{ definitions | join(concern) }}",
            "line 1: a join of something else than definitions or stated or taboo",
        ),
        ("topic", "{{ definitions | join(', ') | join(', ') }}", "line 1: a join of something else"),
        ("topic", "{{ definitions | join(*concern) }}", "line 1: a join of something else"),
        ("topic", "{{ definitions | join(', ', '__class__') }}", "line 1: a join of something else"),
        ("topic", "{% if area %}" * 150 + "x" + "{% endif %}" * 150, "too deeply nested"),
        ("topic", "{% set x = area %}", "line 1: assign"),
        ("topic", "{% macro x() %}{% endmacro %}", "line 1: macro"),
        ("topic", "{{ area | center(9999999) }}", "line 1: the filter 'center'"),
        ("topic", "{% if area is divisibleby(2) %}{% endif %}", "line 1: the test 'divisibleby'"),
        ("topic", '{% include "topic.jinja" %}', "line 1: an include of 'topic.jinja'"),
        ("sides", '{% include "../../study.yaml" %}', "line 1: an include of '../../study.yaml'"),
        ("sides", "{% include area %}", "line 1: an include of what is not named"),
        ("sides", '{% import "topic.jinja" as x %}', "line 1: import"),
        ("sides", '{% extends "topic.jinja" %}', "line 1: extends"),
    ],
)
def test_what_fails_computes_or_reads_files_is_found(name: str, text: str, told: str) -> None:
    assert any(fault.startswith(told) for fault in faults(name, text)), list(faults(name, text))


def test_a_loop_over_a_list_and_a_join_of_one_may_be_written() -> None:
    text = "{% for one in definitions %}- {{ one }} {% endfor %}{{ definitions | join('; ') }}"
    assert list(faults("tradeoff", text)) == []
    assert list(faults("system", "{% for word in taboo %}{{ word }}{% endfor %}")) == []


def test_a_prompt_that_grows_too_long_is_stopped_in_our_words() -> None:
    text = "{% for word in taboo %}" + "x" * (PROMPT_CHARACTERS + 1) + "{% endfor %}"
    assert list(faults("system", text)) == []
    order = an_order().model_copy(update={"country": "KE"})
    with pytest.raises(ConfigError, match="more than 100,000 characters") as raised:
        prompter(a_section(), MFQ2, {"KE": {"system": text}}).request(order)
    assert (raised.value.report.code, raised.value.report.where) == (
        "prompt-too-long",
        "countries/KE/country.yaml, prompts",
    )


def test_a_countrys_prompt_is_used_for_it_and_for_no_other() -> None:
    own, plain = prompter(a_section(), MFQ2, OWN), prompter(a_section(), MFQ2)
    here, elsewhere = an_order().model_copy(update={"country": "KE"}), an_order().model_copy(update={"country": "TZ"})
    assert own.request(here).messages[0].content == "Andika kwa English (en). Never: care."
    assert own.request(here).messages[1] == plain.request(here).messages[1]
    assert own.request(elsewhere) == plain.request(elsewhere) == plain.request(here)
    assert own.version_of(elsewhere) == plain.version_of(here)
    assert own.version_of(here) not in {
        plain.version_of(here),
        prompter(a_section(), MFQ2, {"KE": {"topic": "x"}}).version_of(here),
    }


def test_the_writer_is_not_told_the_country() -> None:
    order = an_order().model_copy(update={"country": "KE"})
    assert all("KE" not in message.content for message in prompter(a_section(), MFQ2).request(order).messages)


def test_the_topic_is_replaced_inside_the_others() -> None:
    own = prompter(a_section(), MFQ2, {"KE": {"topic": "About {{ area }}."}})
    told = own.request(an_order().model_copy(update={"country": "KE"})).messages[1].content
    assert told.splitlines()[-1].startswith("About ")


def test_prompts_are_read_from_the_studys_packs(tmp_path: Path) -> None:
    assert country_prompts(tmp_path) == {}
    root = own_pack(tmp_path, prompts={"topic": "About {{ area }}."})
    own_pack(tmp_path, "DE")
    assert country_prompts(root) == {"KE": {"topic": "About {{ area }}."}}
    assert prompt_texts(root) == {"prompt topic of the country pack KE": "About {{ area }}."}


@pytest.mark.parametrize("prompts", [{"topic": "{{ secret }}"}, {"topik": "x"}])
def test_a_prompt_that_cannot_be_used_stops_the_work(tmp_path: Path, prompts: dict[str, str]) -> None:
    root = own_pack(tmp_path, prompts=prompts)
    with pytest.raises(ConfigError) as raised:
        country_prompts(root)
    assert raised.value.report.code == "prompt-broken"
    assert raised.value.report.where == f"countries/KE/country.yaml, prompts.{next(iter(prompts))}"
