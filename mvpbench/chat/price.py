"""What calls cost, from the prices in the configuration."""

from schemas.chat import Usage
from schemas.record import Record

MILLION = 1_000_000


class Price(Record):
    """Of a model, in US dollars per million tokens."""

    prompt: float
    completion: float

    def of(self, usage: Usage) -> float:
        """Return what `usage` costs, in US dollars."""
        return (usage.prompt_tokens * self.prompt + usage.completion_tokens * self.completion) / MILLION
