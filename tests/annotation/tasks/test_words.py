"""In which words raters are addressed, and which stand in where there are none."""

from pathlib import Path

import pytest

from annotation.slots import Group
from annotation.tasks.words import rater_words
from builder.countries.strings import rater_texts


@pytest.mark.parametrize(
    ("country", "language", "addressed", "instead"),
    [
        ("EG", "ar", "ar", False),  # the built-in pack's language
        ("KE", "sw-KE", "sw", False),  # no pack; a dialect of a language with strings
        (None, "es", "es", False),
        ("PL", "pl", "en", True),  # neither the pack nor we have Polish
        ("CA", "iu", "en", True),
    ],
)
def test_the_next_best_words_stand_in_and_it_is_known(
    country: str | None, language: str, addressed: str, *, instead: bool
) -> None:
    words = rater_words(Group(country, language), None)
    assert (words.texts.language, words.instead) == (addressed, instead)
    # A comprehension task in a language that the rater may not read would say nothing about the rater.
    assert bool(words.comprehension) is not instead


def test_a_studys_own_pack_goes_first_and_brings_its_comprehension_tasks(tmp_path: Path) -> None:
    pack = tmp_path / "countries" / "KE"
    pack.mkdir(parents=True)
    (pack / "country.yaml").write_text(
        """
pack: 1
code: KE
names: {en: Kenya, sw: Kenya}
languages: [{tag: sw, name: Kiswahili, script: Latn, direction: ltr}]
recruitment: {pay: {currency: KES}}
comprehension:
  sw:
    - {id: own, person: p, question: q, answers: [x, y], right: first}
""",
        encoding="utf-8",
    )
    own = rater_words(Group("KE", "sw"), tmp_path)
    assert [one.id for one in own.comprehension] == [*(one.id for one in rater_texts("sw").comprehension), "own"]
