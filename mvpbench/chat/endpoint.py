"""Where a model is served, and under which name its key is kept."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.address import is_address
from schemas.errors import ConfigError

OFFICIAL_URL = "https://api.openai.com/v1"


@dataclass(frozen=True)
class Endpoint:
    """A server and the name of the environment variable that holds the key for it."""

    base_url: str
    key_env: str
    timeout_s: float = 120.0
    """For a whole attempt, however slowly the reply trickles in."""


def require_endpoint(endpoint: Endpoint, environ: Mapping[str, str] = os.environ) -> None:
    """Check address and key before anything is asked.

    Raises:
        ConfigError: `base-url-invalid`, `key-missing` or `key-invalid`.
    """
    if not is_address(endpoint.base_url):
        raise ConfigError(
            "base-url-invalid",
            "the address of the model's server",
            found="something else, not shown as it may hold a password",
            expected="an address such as http://127.0.0.1:8000/v1, without a user or password in it",
            way_out="mend `base_url`",
        )
    key_of(endpoint, environ)


def key_of(endpoint: Endpoint, environ: Mapping[str, str] = os.environ) -> str:
    """Return the key, which goes into a client and nowhere else.

    Raises:
        ConfigError: `key-missing` or `key-invalid`.
    """
    name = endpoint.key_env
    key = environ.get(name, "").strip()
    if not key:
        raise ConfigError(
            "key-missing",
            "the key for the model's server is not set",
            where=endpoint.base_url,
            found=f"no environment variable {name}",
            way_out=f"export {name}=<your key>; any word does for a server that asks for none",
        )
    # An HTTP header cannot hold anything else, and the client's complaint about it would quote the key.
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise ConfigError(
            "key-invalid",
            "the key for the model's server",
            where=f"environment variable {name}",
            found="spaces or characters that no key has",
            expected="one word of printable ASCII",
            way_out=f"export {name}=<your key>",
        )
    return key
