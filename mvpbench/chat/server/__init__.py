"""A small server of the chat-completions and batch API on this machine's loopback, for tests, demos and trying out.

Its replies are made up and depend on the request alone; it fails when told to.
"""

from mvpbench.chat.server.completions import pseudo_tokens, request_key
from mvpbench.chat.server.faults import Fault, FaultMix
from mvpbench.chat.server.local import LocalServer, ServerSettings, local_server

__all__ = ["Fault", "FaultMix", "LocalServer", "ServerSettings", "local_server", "pseudo_tokens", "request_key"]
