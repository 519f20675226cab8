"""The ChatModel protocol: what the engine asks of any model behind the chat-completions API."""

from typing import Literal, Protocol

from schemas.record import Record


class Message(Record):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class ChatRequest(Record):
    """Everything that decides a reply; its hash is the journal's key."""

    model: str
    messages: tuple[Message, ...]
    response_schema: str | None = None
    """JSON Schema as canonical JSON text; the reply is validated on our side whatever the server does."""
    temperature: float = 0.0
    max_tokens: int = 512
    sample: int = 0
    """Index that tells wanted repetitions of one request apart."""


class Usage(Record):
    """Tokens as the server counted them."""

    prompt_tokens: int
    completion_tokens: int


class ChatReply(Record):
    """One reply, with the body it came in."""

    text: str
    finish_reason: str | None
    """As the server said it; `refusal` where the model declined in the field that the API has for it."""
    usage: Usage | None
    """None where the server did not say."""
    model: str
    raw: str
    """The response body as it came."""


class ChatModel(Protocol):
    """One attempt at one request; never repeats by itself."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Return the reply to `request`.

        Raises:
            ChatFailure: this attempt brought none.
            ServiceError: no request will bring one until somebody acts: the key is refused, the model unknown.
        """
        ...


UNREACHABLE = "unreachable"
"""The kind of a failure before any server was met."""


class ChatFailure(Exception):  # noqa: N818 - a result of a call, turned into a record by the engine
    """A call that brought no reply. `retry` says whether the same request may succeed later."""

    def __init__(self, kind: str, detail: str, *, retry: bool, retry_after: float | None = None) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.retry = retry
        self.retry_after = retry_after
