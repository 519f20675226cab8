"""The adapter to any server of the chat-completions API: one call at a time, through the openai client."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from mvpbench.chat.endpoint import OFFICIAL_URL, Endpoint, require_endpoint
from mvpbench.chat.openai_client import HIDDEN, Ears, openai_client
from mvpbench.chat.openai_words import body_of, reply_in
from schemas.chat import ChatFailure, ChatModel, ChatReply, ChatRequest
from schemas.errors import ServiceError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["HIDDEN", "OFFICIAL_URL", "Endpoint", "openai_chat", "require_endpoint"]


@asynccontextmanager
async def openai_chat(endpoint: Endpoint, environ: Mapping[str, str] = os.environ) -> AsyncIterator[ChatModel]:
    """Yield a model whose calls go to `endpoint`, for the event loop that opened it.

    Raises:
        ConfigError: as `require_endpoint` does.
    """
    async with openai_client(endpoint, environ) as (client, ears):
        yield _OpenAIChat(client, endpoint, ears)


class _OpenAIChat:
    def __init__(self, client: "AsyncOpenAI", endpoint: Endpoint, ears: Ears) -> None:
        self._client = client
        self._endpoint = endpoint
        self._ears = ears

    async def complete(self, request: ChatRequest) -> ChatReply:
        from openai import OpenAIError

        ended: ChatFailure | ServiceError
        asked = body_of(request, self._endpoint.base_url)
        try:
            async with asyncio.timeout(self._endpoint.timeout_s):
                # `chat.completions.create` would look through the body for names to translate, which takes a third as
                # long as all else in a call, and finds none.
                body = await self._client.post("/chat/completions", cast_to=str, body=asked)
        except TimeoutError:
            ended = ChatFailure("timeout", f"no whole reply in {self._endpoint.timeout_s:g} s", retry=True)
        except OpenAIError as exc:
            ended = self._ears.error(exc)
        except Exception as exc:  # noqa: BLE001 - what the client raises of a body that its charset does not fit
            ended = self._ears.odd(exc)
        else:
            # A body that is cut off raises: what comes here is whole, and is never asked for again.
            return reply_in(self._ears.without_key(body), request.model)
        # Outside the handlers, so that no foreign error with the key in its text is this one's context.
        raise ended
