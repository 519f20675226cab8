"""Made-up conversations in the shape of a line of PRISM's conversations.jsonl."""

from collections.abc import Mapping, Sequence

from mvpbench.demo.sample.chance import Chance
from mvpbench.demo.sample.grammar import sentence
from mvpbench.demo.sample.people import Json, Material, when

CHOICES = 2
"""Replies to choose from in a turn; the study showed up to four in the first."""


def conversation_count(survey_only: bool, chance: Chance, material: Material) -> int:
    """Return how many conversations a person held: none, one or two."""
    return 0 if survey_only else 1 + chance.happens("second conversation", material.design.second_conversation)


def conversation(number: int, held_by: Json, chance: Chance, material: Material) -> Json:
    """Return one line of conversations.jsonl, of the person with the survey line `held_by`."""
    design, grammar = material.design, material.grammar
    kind = chance.weighted("conversation type", design.conversation_types)
    case = kind.replace(" ", "_")
    words = {"topic": chance.one_of("topic", grammar[f"topic.{case}"])}
    turns = 2 + chance.happens("third turn", design.third_turn)
    said = [sentence(grammar, f"opening.{case}", words, chance, "opening")]
    said += [sentence(grammar, "follow_up", words, chance, f"turn {turn}") for turn in range(1, turns)]
    history: list[Json] = []
    for turn, text in enumerate(said):
        history.append({"turn": turn, "role": "user", "content": text})
        history += _replies(turn, words, chance, material)
    return {
        "synthetic": True,
        "conversation_id": f"synthetic-c{number}",
        "user_id": held_by["user_id"],
        "conversation_type": kind,
        "opening_prompt": said[0],
        "conversation_turns": turns,
        "conversation_history": history,
        "performance_attributes": _rated("performance", material.marginals.performance, chance),
        "choice_attributes": _rated("choice", material.marginals.choice, chance),
        "open_feedback": sentence(grammar, "feedback", words, chance, "feedback"),
        **when(chance),
        "included_in_balanced_subset": held_by["included_in_balanced_subset"],
    }


def _replies(turn: int, words: Mapping[str, str], chance: Chance, material: Material) -> Sequence[Json]:
    """The replies of one turn; the one with the highest score, the first of equals, was chosen."""
    models = chance.shuffled("models", material.design.models)
    scores = [chance.whole(f"score {turn} {place}", 65, 29, 1, 100) for place in range(CHOICES)]
    return [
        {
            "turn": turn,
            "role": "model",
            "content": sentence(material.grammar, "reply", words, chance, f"reply {turn} {place}"),
            "model_name": models[place if turn == 0 else 0],
            "model_provider": material.design.provider,
            "score": score,
            "if_chosen": place == scores.index(max(scores)),
            "within_turn_id": place,
        }
        for place, score in enumerate(scores)
    ]


def _rated(what: str, published: Mapping[str, tuple[float, float]], chance: Chance) -> dict[str, int | None]:
    """Ratings from 1 to 100; one in twenty says that it did not apply."""
    return {
        name: None if chance.happens(f"{what} {name} null", 0.05) else chance.whole(f"{what} {name}", mean, sd, 1, 100)
        for name, (mean, sd) in published.items()
    }
