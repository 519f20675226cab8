"""`country init`: a pack begun from what ISO 3166, CLDR and the strings at hand know, or a built-in one copied."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from builder.countries.packs import FILE, FOLDER, OWN, built_in_codes
from builder.countries.places import (
    currencies_of,
    direction_of,
    language_name,
    languages_of,
    own_name,
    script_of,
    standard_tag,
    territory_name,
)
from builder.countries.strings import OWN as OWN_STRINGS
from builder.countries.strings import strings_file
from builder.survey.countries import country_name
from mvpbench.store.atomic import write_in_order
from mvpbench.store.study import Study, locked
from schemas.country import PackLanguage
from schemas.errors import ConfigError, StudyError
from schemas.readiness import DraftResult
from schemas.results import Outcome
from schemas.values import Domain

ENGLISH = "en"
UNKNOWN_SCRIPT = "Zyyy"
"""ISO 15924 for a script that is not determined."""
NO_CURRENCY = "XXX"
"""ISO 4217 for none."""
PAY_RULE = "at least the local statutory minimum hourly wage; look it up before recruiting"
TO_TRANSLATE = "English, still to be translated"
PACK = """\
# {name}: its country pack. Every key: `mvpbench schema country`; what is missing: `mvpbench country check {code}`.
pack: 1
code: {quoted_code}
names:
{names}
languages:               # the one to be used first stands first
{languages}
domain: {domain:<17}# in, or out: for evaluation alone (then also profile.out_of_domain in study.yaml)
community:
  size: null             # about how many people this part speaks of; only the order of magnitude matters
  source: ""             # e.g. UN World Population Prospects 2024, rounded
recruitment:
  channels: []           # how raters are found: a panel, a university, an association
  pay:
    currency: {currency}
    amount: null         # an hour; a number only where somebody looked it up
    as_of: null          # e.g. 2026-11
    source: ""
    rule: {rule}
  contact: ""            # a role or address that raters can write to and that may be published
  ethics: ""             # the ethics board and its number, or why none is needed
# In the place of the writer's own prompts (system, sides, tradeoff, topic, repair), e.g. how people here speak.
prompts: {{}}
# Beside the items that come with the languages: people and situations of this country.
comprehension: {{}}
# What becomes of demographics that together could single people out: bands, map (with other), or drop: true.
generalise:
  age: {{bands: [18, 25, 35, 45, 55, 65]}}
# Who took part, in which language, who is missing: two or three plain sentences for the users of a release.
card: ""
# Who of the country read the questions of `country pilot` (names or roles; the report shows them), what they found.
pilot: {{read_by: [], found: ""}}
sources:
  - ISO 3166-1 (code)
  - Unicode CLDR (names, languages, scripts)
"""


def draft_pack(study: Study, code: str, tags: Sequence[str], domain: Domain | None) -> Outcome[DraftResult]:
    """`country init`: write the pack `code` into the study, in the languages `tags` or else the official ones.

    A built-in pack is copied as it is where neither languages nor domain are given. For a language without strings the
    English ones are written beside it, to be translated.

    Raises:
        StudyError: `pack-exists`.
        ConfigError: `language-invalid`.
    """
    folder = study.root / OWN / code
    if (folder / FILE).exists():
        raise StudyError(
            "pack-exists",
            f"country pack for {code}",
            where=str(folder / FILE),
            found="a pack that is there already",
            expected="none",
            way_out=f"edit it, then `mvpbench country check {code}`; move it away to begin anew",
        )
    copied = code in built_in_codes() and not tags and domain is None
    files = _copied(folder, code) if copied else _begun(folder, code, tags, domain or _domain(study, code))
    with locked(study):
        write_in_order(files)
    return Outcome(
        result=DraftResult(code=code, name=country_name(code), languages=_written(files, folder), copied=copied),
        outputs=tuple(str(path.relative_to(study.root)) for path in files),
        summary=_summary(code, files, copied=copied),
        next_step=f"mvpbench country check {code}",
    )


def _copied(folder: Path, code: str) -> Mapping[Path, str]:
    sources = sorted((FOLDER / code).glob("*.yaml"), key=lambda path: path.name == FILE)
    return {folder / path.name: path.read_text(encoding="utf-8") for path in sources}


def _begun(folder: Path, code: str, tags: Sequence[str], domain: Domain) -> Mapping[Path, str]:
    """The pack itself is written last: with it the folder counts as a pack."""
    languages = [_language(tag) for tag in dict.fromkeys(_standard(tag) for tag in tags or _official(code))]
    untold = [one.tag for one in languages if strings_file(folder, one.tag) is None]
    files = {
        folder / OWN_STRINGS.format(language=tag): _to_translate(tag, strings_file(folder, ENGLISH)) for tag in untold
    }
    named = {ENGLISH: country_name(code)} | {one.tag: territory_name(code, one.tag) or "" for one in languages}
    named |= {ENGLISH: territory_name(code, ENGLISH) or country_name(code)}
    text = PACK.format(
        name=country_name(code),
        code=code,
        quoted_code=_yaml(code),
        names="\n".join(f"  {_yaml(tag)}: {_yaml(name)}" for tag, name in named.items()),
        languages="\n".join(f"  - {_yaml(one.model_dump())}" for one in languages),
        domain=domain.value,
        currency=next(iter(currencies_of(code)), NO_CURRENCY),
        rule=PAY_RULE,
    )
    return {**files, folder / FILE: text}


def _language(tag: str) -> PackLanguage:
    return PackLanguage(
        tag=tag,
        name=own_name(tag) or language_name(tag) or tag,
        script=script_of(tag) or UNKNOWN_SCRIPT,
        direction=direction_of(tag),
    )


def _standard(tag: str) -> str:
    standard = standard_tag(tag)
    if standard is None:
        raise ConfigError(
            "language-invalid",
            "--languages",
            found=repr(tag),
            expected="BCP 47 tags such as sw, pt-BR or zh-Hant, parted by commas",
            way_out="look the tag up at https://www.iana.org/assignments/language-subtag-registry",
        )
    return standard


def _official(code: str) -> list[str]:
    spoken = languages_of(code)
    official = [tag for tag, is_official in spoken.items() if is_official]
    return official or list(spoken)[:1] or [ENGLISH]


def _domain(study: Study, code: str) -> Domain:
    return Domain.OUT if code in study.config.profile.out_of_domain else Domain.IN


def _to_translate(tag: str, english: Path | None) -> str:
    text = english.read_text(encoding="utf-8") if english is not None else ""
    text = text.replace("language: en", f"language: {_yaml(tag)}", 1)
    return text.replace("made_by: machine draft, 2026-11", f"made_by: {TO_TRANSLATE}", 1)


def _written(files: Mapping[Path, str], folder: Path) -> tuple[str, ...]:
    pack = yaml.safe_load(files[folder / FILE])
    return tuple(language["tag"] for language in pack["languages"])


def _summary(code: str, files: Mapping[Path, str], *, copied: bool) -> tuple[str, ...]:
    if copied:
        return (f"{country_name(code)}: the built-in pack, copied; the study's own goes before it from now on",)
    to_translate = [path.name for path in files if path.name != FILE]
    lines = [f"{country_name(code)}: a draft; names, languages and scripts are from ISO 3166 and Unicode's CLDR"]
    lines.append(f'to fill in: {OWN}/{code}/{FILE}, each value in the place of its `null`, `""` or `[]`')
    lines += [f"to translate: {name} holds English words" for name in to_translate]
    if code in built_in_codes():
        lines.append(f"there is a built-in pack too: `mvpbench country init {code}` without other options copies it")
    return tuple(lines)


def _yaml(value: object) -> str:
    """A value on one line, quoted where YAML needs it: NO is a country and no `false`."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1_000_000, sort_keys=False)
    return text.strip().removesuffix("...").strip()
