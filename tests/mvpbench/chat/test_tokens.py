"""The most tokens that a request may take, by hand."""

import pytest

from mvpbench.chat.tokens import most_tokens
from schemas.chat import ChatRequest, Message, Usage


@pytest.mark.parametrize(
    ("texts", "schema", "prompt"),
    [
        (("hello",), None, 5 + 32),
        (("hello", "you"), None, 5 + 3 + 48),
        (("ሰላም",), None, 9 + 32),  # three letters of three bytes each, and a token each byte at worst
        (("hello",), '{"a":"é"}', 5 + 10 + 32),
    ],
)
def test_a_token_a_byte_and_sixteen_around_each_message_and_the_reply(
    texts: tuple[str, ...], schema: str | None, prompt: int
) -> None:
    messages = tuple(Message(role="user", content=text) for text in texts)
    request = ChatRequest(model="m", messages=messages, response_schema=schema, max_tokens=7)
    assert most_tokens(request) == Usage(prompt_tokens=prompt, completion_tokens=7)
