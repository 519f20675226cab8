"""Made-up packs, numbers and studies for the tests of builder.countries."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from builder.countries.bands import band_of
from builder.countries.packs import FILE, FoundPack
from builder.countries.rules import Subject
from builder.countries.strings import rater_texts
from builder.run import run_import, run_profile
from builder.survey import built_in_codebooks
from mvpbench.store.study import Study, init_study
from schemas.country import CountryPack, RaterTexts
from schemas.identity import uniform
from schemas.readiness import CountryNumbers, SideCount
from schemas.study import StudyConfig
from schemas.values import Split

KENYA: dict[str, object] = {
    "pack": 1,
    "code": "KE",
    "names": {"en": "Kenya", "sw": "Kenya"},
    "languages": [
        {"tag": "sw", "name": "Kiswahili", "script": "Latn", "direction": "ltr"},
        {"tag": "en", "name": "English", "script": "Latn", "direction": "ltr"},
    ],
    "domain": "in",
    "community": {"size": 56_000_000, "source": "a census"},
    "recruitment": {
        "channels": ["two universities"],
        "pay": {"currency": "KES", "amount": 400, "as_of": "2026-11", "source": "a gazette", "rule": "the minimum"},
        "contact": "the study's office",
        "ethics": "board of X, 12/2026",
    },
    "generalise": {"age": {"bands": [18, 30, 50]}},
    "card": "People in Kenya answered in English.",
    "sources": ["a census"],
}
DIMENSIONS = ("care", "equality", "proportionality", "authority", "loyalty", "purity")
HEADER = f"rater_id,Age,Gender,Region,Country,SES,{','.join(DIMENSIONS)}"


def made_pack(**changed: object) -> CountryPack:
    """Kenya's pack, whole and right, but for what is changed."""
    return CountryPack.model_validate(KENYA | changed)


def made_texts(tag: str, **changed: object) -> RaterTexts:
    """The shared strings of a language, read by a speaker, but for what is changed."""
    shared = rater_texts(tag).model_dump(mode="json")
    return RaterTexts.model_validate(shared | {"checked_by": ["A. Speaker"]} | changed)


def made_found(folder: Path, texts: Mapping[str, RaterTexts] | None = None, **changed: object) -> FoundPack:
    pack = made_pack(**changed)
    return FoundPack(pack, folder, False, {tag: made_texts(tag) for tag in pack.tags} if texts is None else texts)


def made_numbers(**changed: object) -> CountryNumbers:
    """Kenya in a study that has enough of everything, but for what is changed."""
    sides = [SideCount(dimension=name, split=split, high=40, low=30) for name in ("care", "purity") for split in Split]
    enough: dict[str, object] = {
        "survey": "Made",
        "licence": "CC-BY-4.0",
        "redistribute_profiles": True,
        "citation": "Nobody (2026)",
        "synthetic": False,
        "respondents": 400,
        "languages": {"en": 400},
        "known": {"age": 390, "gender": 400},
        "rare": {},
        "rare_below": 5,
        "profiles": 400,
        "sides": sides,
        "pairable": 300,
        "pairs": 200,
    }
    return CountryNumbers.model_validate(enough | changed)


def made_subject(folder: Path, texts: Mapping[str, RaterTexts] | None = None, **changed: object) -> Subject:
    found = made_found(folder, texts, **changed)
    return Subject(found=found, band=band_of(found.pack.community.size))


def made_config(**changed: object) -> StudyConfig:
    openai = {"writer": {"kind": "openai", "model": "m"}}
    return StudyConfig.model_validate({"format": 1, "name": "s", "survey": {}, "generate": openai} | changed)


def answers(people: int, country: str = "Kenya") -> str:
    """A file in the shape of D3CODE's: people of one country, each with a mind of their own."""
    rows = [
        [
            f"p-{one}",
            "18-30" if one % 2 else "50+",
            "Woman",
            "c",
            country,
            "5",
            *(_answer(one, name) for name in DIMENSIONS),
        ]
        for one in range(people)
    ]
    return "\n".join([HEADER, *(",".join(row) for row in rows)]) + "\n"


def begun_study(root: Path, people: int = 60, extra: str = "") -> Study:
    """A study with a survey that is not imported yet."""
    codebook = built_in_codebooks()["d3code"].read_text(encoding="utf-8")
    config = f"format: 1\nname: made\nsurvey: {{file: answers.csv}}\n{extra}"
    return init_study(root, config, {"codebook.yaml": codebook, "answers.csv": answers(people)})


def own_pack(root: Path, code: str = "KE", text: str | None = None, **changed: object) -> Path:
    """Write Kenya's pack into the study at `root`, but for what is changed, or `text` in its place."""
    folder = root / "countries" / code
    folder.mkdir(parents=True, exist_ok=True)
    written = yaml.safe_dump(KENYA | {"code": code} | changed) if text is None else text
    (folder / FILE).write_text(written, encoding="utf-8")
    return root


def profiled_study(root: Path, people: int = 60, extra: str = "") -> Study:
    study = begun_study(root, people, extra)
    own_pack(root)  # before the import, which follows its rules
    run_import(study)
    run_profile(study)
    return study


def _answer(person: int, dimension: str) -> str:
    return str(1 + round(4 * uniform("made answer", person, dimension)))
