"""A value profile in plain words: what a person holds, with no number and no name of a dimension in it."""

from pathlib import Path

from builder.frameworks import Words, framework_words
from schemas.questions import Question, Recipe
from schemas.values import DimensionScore, Level, ValueFramework, ValueProfile

LEVELS = (Level.HIGH, Level.NONE, Level.LOW)
"""In the order of the text: from what matters most to what matters least."""


def plain_profile(profile: ValueProfile, framework: ValueFramework, words: Words) -> str:
    """Return the profile as lines of text: one sentence for each dimension measured, ordered within the person.

    Read from top to bottom the dimensions fall in importance: those with a high level, those without a level, those
    with a low one (told by their low side), each group by the centred score. So the order of any two dimensions of a
    `tradeoff` can be read off. Dimensions that were not measured are not mentioned. KeyError for a score on a
    dimension that the framework lacks.

    `words` are the framework's (`framework_words`), in the language in which it is to be read.
    """
    blocks = []
    for level in LEVELS:
        scores = sorted((one for one in profile.scores if one.level is level), key=lambda one: _rank(one, framework))
        if scores:
            lines = [_sentence(words, one.dimension, level) for one in scores]
            blocks.append("\n".join([words.common.heads[level], *_listed(lines)]))
    return "\n\n".join([words.common.title.format(domain=words.domain), *blocks])


def plain_language(framework: ValueFramework, language: str, study: Path | None = None) -> str:
    """Return the tag of the language in which a rater of `language` reads profiles: its own, `sw` for `sw-KE`, or en.

    ConfigError as `framework_words`.
    """
    return framework_words(framework, language, study).language


def plain_aspect(question: Question, words: Words) -> str:
    """Return whom the answer on `asked_side(question)` is for, in plain words: a line, in `tradeoff` and `paper` more.

    `words` as in `plain_profile`; KeyError for a dimension that their framework lacks.
    """
    if question.recipe is Recipe.TRADEOFF:
        more, less = (_sentence(words, name, Level.HIGH) for name in question.dimensions)
        return words.common.tradeoff.format(more=more, less=less)
    sentences = [_of_side(words, part) for part in asked_side(question).split("+")]
    if len(sentences) == 1:
        return words.common.one.format(sentence=sentences[0])
    return "\n".join([words.common.one.format(sentence="..."), *_listed(sentences)])


def asked_side(question: Question) -> str:
    """Return the side that `plain_aspect` tells: of the answer that is high on the question's first dimension.

    In `sides` and `tradeoff` that is `care:high`; in `paper` it names all the question's dimensions.
    """
    asked = f"{question.dimensions[0]}:{Level.HIGH}"
    return next(answer.side for answer in question.answers if asked in answer.side.split("+"))


def _listed(sentences: list[str]) -> list[str]:
    return [f"– {sentence}" for sentence in sentences]


def _rank(score: DimensionScore, framework: ValueFramework) -> tuple[float, int]:
    return -score.centred, framework.order(score.dimension)


def _of_side(words: Words, side: str) -> str:
    name, _, level = side.partition(":")
    return _sentence(words, name, Level(level))


def _sentence(words: Words, dimension: str, level: Level) -> str:
    sides = words.sides[dimension]
    return sides.low if level is Level.LOW else sides.high
