"""Rows to train on, made without any library of models."""

from collections.abc import Sequence

from eval.training.rows import Preference
from schemas.chat import Message


def asks(text: str) -> tuple[Message, ...]:
    return (Message(role="user", content=text),)


def made_rows(prompts: Sequence[tuple[str, str, str]]) -> list[Preference]:
    """(prompt, chosen, rejected) -> rows."""
    return [
        Preference(instance_id=f"i-{place}", messages=asks(prompt), chosen=chosen, rejected=rejected)
        for place, (prompt, chosen, rejected) in enumerate(prompts)
    ]
