"""The built-in packs: whole, without errors, honest about what nobody looked up; and finding them."""

import json
from pathlib import Path

import pytest
import yaml

from builder.countries.check import check_pack
from builder.countries.packs import FILE, built_in_codes, find_pack, own_codes, to_code
from builder.countries.places import currencies_of, direction_of, own_name, script_of, territory_name
from builder.survey import built_in_codebooks
from builder.survey.countries import country_code
from mvpbench.demo import sample
from schemas.errors import ConfigError
from schemas.readiness import Severity
from tests.builder.countries.made import KENYA, own_pack

pytestmark = pytest.mark.slow

D3CODE = (
    *("Argentina", "Australia", "Brazil", "Canada", "China", "Egypt", "Germany", "Ghana", "India", "Japan", "Mexico"),
    *("Netherlands", "New Zealand", "Nigeria", "Qatar", "Singapore", "South Korea", "United Arab Emirates"),
    *("United Kingdom", "United States of America", "Vietnam"),
)
"""As its file spells them."""
SAMPLE = Path(sample.__file__).parent / "survey.jsonl"
OPEN = {"strings-missing", "strings-unchecked", "pay-floor-unset", "channels-unset", "contact-unset", "ethics-unset"}
"""What a built-in pack cannot know, or nobody has done yet."""


def test_every_country_of_d3code_has_a_pack() -> None:
    names = yaml.safe_load(built_in_codebooks()["d3code"].read_text(encoding="utf-8"))["country"]["names"]
    assert len(D3CODE) == 21
    assert {country_code(name, names) for name in D3CODE} <= set(built_in_codes())


def test_every_country_of_the_sample_has_a_pack() -> None:
    places = [json.loads(line)["location"] for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    named = {place[key] for place in places for key in ("birth_country", "reside_country")} - {"Prefer not to say"}
    assert {country_code(name, {}) for name in named} <= set(built_in_codes())


@pytest.mark.parametrize("code", built_in_codes())
def test_a_built_in_pack_has_no_error_and_says_what_is_open(code: str) -> None:
    checked = check_pack(find_pack(code, None), None)
    assert checked.ready
    found = {one.code for one in checked.violations}
    assert found <= OPEN
    assert {"strings-unchecked", "pay-floor-unset"} <= found
    assert {one.severity for one in checked.violations} == {Severity.WARNING}


@pytest.mark.parametrize("code", built_in_codes())
def test_a_built_in_pack_says_what_cldr_says_and_invents_no_number(code: str) -> None:
    pack = find_pack(code, None).pack
    assert "en" in pack.tags  # the surveys were in English
    for language in pack.languages:
        assert (language.name, language.script) == (own_name(language.tag), script_of(language.tag))
        assert language.direction == direction_of(language.tag)
        assert pack.names[language.tag] == territory_name(code, language.tag)
    pay = pack.recruitment.pay
    assert (pay.amount, pay.as_of, pay.source) == (None, None, "")
    assert pay.currency in currencies_of(code)
    assert pack.community.source == "UN World Population Prospects 2024, rounded"
    assert "only its order of magnitude matters" in (find_pack(code, None).folder / FILE).read_text(encoding="utf-8")


def test_a_studys_own_pack_goes_before_the_built_in_one(tmp_path: Path) -> None:
    root = own_pack(tmp_path, "DE", card="Ours.")
    assert find_pack("DE", root).pack.card == "Ours."
    assert (find_pack("DE", root).built_in, find_pack("DE", None).built_in) == (False, True)
    assert own_codes(root) == ("DE",)


def test_folders_that_are_no_country_are_no_packs(tmp_path: Path) -> None:
    for code in ("XX", "ke", "notes"):
        own_pack(tmp_path / code, code)
        assert own_codes(tmp_path / code) == ()


def test_a_missing_pack_says_how_to_begin_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        find_pack("KE", tmp_path)
    assert (raised.value.report.code, raised.value.report.found) == (
        "pack-missing",
        "none in the study, and none built in",
    )
    assert raised.value.report.way_out == "run `mvpbench country init KE` in a study"


@pytest.mark.parametrize("name", ["KE", "ke", "Kenya", "kenya", "KEN"])
def test_a_country_may_be_called_by_its_name(name: str) -> None:
    assert to_code(name) == "KE"


@pytest.mark.parametrize(
    ("name", "told"), [("Kenia", "did you mean KE (Kenya)?"), ("../KE", "iso.org"), ("", "iso.org")]
)
def test_what_is_no_country_is_refused_with_the_nearest(name: str, told: str) -> None:
    with pytest.raises(ConfigError, match="ISO 3166-1") as raised:
        to_code(name)
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("code: NO", "code"),  # YAML's false
        ("card: !!python/object/apply:os.system [id]", "a mistake"),
        ("languges: []", "did you mean `languages`?"),
        ("generalise: {age: {bands: [30, 18]}}", "bands must ascend"),
        ("recruitment: {pay: {currency: shillings}}", "recruitment.pay.currency"),
        ("comprehension: {en: [{id: a, person: p, question: q, answers: [x, x], right: first}]}", "are the same"),
        ("domain: maybe", "domain"),
        ("languages: []", "at least 1 item"),
        ("community: {size: '50,000,000'}", "found '50,000,000', expected a whole number in digits alone, such as"),
        ("community: {size: 56 million}", "a whole number in digits alone, such as 56000000"),
        ("recruitment: {pay: {currency: KES, amount: '1,200'}}", "a number in digits alone with a point"),
    ],
)
def test_a_pack_that_does_not_fit_is_one_message(tmp_path: Path, line: str, told: str) -> None:
    key = line.partition(":")[0]
    rest = {name: value for name, value in KENYA.items() if name != key}
    root = own_pack(tmp_path, text=f"{yaml.safe_dump(rest)}\n{line}\n")
    with pytest.raises(ConfigError) as raised:
        find_pack("KE", root)
    assert told in str(raised.value)
    assert "countries/KE/country.yaml" in str(raised.value)
