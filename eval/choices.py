"""What a model is asked to choose between, and how likely it finds each: no library of models is needed to say so."""

from schemas.chat import Message
from schemas.record import Record


class Choice(Record):
    """Two answers under one prompt; their order changes nothing."""

    messages: tuple[Message, ...]
    first: str
    second: str


class Likelihood(Record):
    """Natural logs summed over the tokens of each answer, the end-of-turn token left out.

    All four numbers are None, with the reason in `missing`, where the prompt and an answer do not fit the model's
    context or an answer has no token: nothing is ever truncated.
    """

    first_logprob: float | None = None
    second_logprob: float | None = None
    first_tokens: int | None = None
    second_tokens: int | None = None
    missing: str | None = None
