"""A value profile in plain words: what a person holds, with no number and no name of a dimension in it."""

from schemas.values import DimensionScore, Level, ValueFramework, ValueProfile

HEADS = {
    Level.HIGH: "Clearly so, the strongest first. This person ...",
    Level.NONE: "More or less so, what fits better first. To some degree, this person ...",
    Level.LOW: "Clearly the other way, the strongest last. This person ...",
}
"""In the order of the text: from what matters most to what matters least."""


def plain_profile(profile: ValueProfile, framework: ValueFramework) -> str:
    """Return the profile as lines of text: one sentence for each dimension measured, ordered within the person.

    Read from top to bottom the dimensions fall in importance: those with a high level, those without a level, those
    with a low one (told by their low side), each group by the centred score. So the order of any two dimensions of a
    `tradeoff` can be read off. Dimensions that were not measured are not mentioned. KeyError for a score on a
    dimension that the framework lacks.
    """
    blocks = []
    for level, head in HEADS.items():
        scores = sorted((one for one in profile.scores if one.level is level), key=lambda one: _rank(one, framework))
        if scores:
            blocks.append("\n".join([head, *(f"– {_sentence(one, framework)}" for one in scores)]))
    title = f"What matters to this person {framework.domain}, from what matters most to what matters least."
    return "\n\n".join([title, *blocks])


def _rank(score: DimensionScore, framework: ValueFramework) -> tuple[float, int]:
    return -score.centred, framework.order(score.dimension)


def _sentence(score: DimensionScore, framework: ValueFramework) -> str:
    dimension = framework.dimension(score.dimension)
    return dimension.low if score.level is Level.LOW else dimension.high
