"""The server as a program. It prints its address as one line on stdout and ends when its parent does.

OPENAI_API_KEY=any python -m mvpbench.chat.server --port 8000 --key-env OPENAI_API_KEY --fault 3=rate-limited
python -m mvpbench.chat.server --delay-ms 500 --mix server-error=0.02 --mix truncated=0.01 --mix-seed 7
"""

import argparse
import os
import sys
import threading
import time

from pydantic import ValidationError

from mvpbench.chat.server.faults import Fault, FaultMix
from mvpbench.chat.server.local import LocalServer, ServerSettings

PARENT_POLL_S = 0.2


def main() -> None:
    """Serve until interrupted or until the parent process ends."""
    parent = os.getppid()
    parser = _parser()
    options = parser.parse_args()
    key = os.environ[options.key_env] if options.key_env else None
    kinds = [kind for kind, _ in options.mix]
    for kind in kinds:
        if kinds.count(kind) > 1:
            parser.error(f"argument --mix: {kind} is given twice")
    try:
        mix = FaultMix(rates=dict(options.mix), seed=options.mix_seed) if options.mix else None
        settings = ServerSettings(
            delay_s=options.delay_ms / 1000,
            slow_s=options.slow_ms / 1000,
            retry_after_s=options.retry_after_s,
            batch_polls=options.batch_polls,
            batch_s=options.batch_s,
            expired_share=options.expired_share,
        )
    except ValidationError as exc:
        problem = exc.errors()[0]
        parser.error(": ".join([*map(str, problem["loc"]), problem["msg"]]))
    server = LocalServer(options.port, key, dict(options.fault), frozenset(options.model), mix, settings)
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    threading.Thread(target=_end_with, args=(parent, server), daemon=True).start()
    try:
        server.serve_forever(PARENT_POLL_S)
    except KeyboardInterrupt:
        return
    finally:
        server.server_close()


def _parser() -> argparse.ArgumentParser:
    usual = ServerSettings()
    parser = argparse.ArgumentParser(prog="python -m mvpbench.chat.server")
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 for a free one")
    add("--key-env", metavar="NAME", help="ask for the key that this environment variable holds")
    add("--model", action="append", default=[], metavar="NAME", help="know this model; without any, all names")
    add("--fault", action="append", default=[], type=_fault, metavar="N=KIND", help="of the N-th request")
    add("--mix", action="append", default=[], type=_rate, metavar="KIND=RATE", help="share of requests that fail so")
    add("--mix-seed", type=int, default=0, metavar="N", help="another seed draws other requests")
    add("--delay-ms", type=float, default=1000 * usual.delay_s, metavar="N", help="a reply takes")
    add("--slow-ms", type=float, default=1000 * usual.slow_s, metavar="N", help="a slow one takes longer by")
    add("--retry-after-s", type=float, default=usual.retry_after_s, metavar="S", help="rate-limited asks to wait")
    add("--batch-polls", type=int, default=usual.batch_polls, metavar="N", help="a batch is through with its N-th GET")
    add("--batch-s", type=float, default=usual.batch_s, metavar="S", help="and not sooner than this")
    add("--expired-share", type=float, default=usual.expired_share, metavar="X", help="done of a batch that expires")
    return parser


def _end_with(parent: int, server: LocalServer) -> None:
    """An orphan gets another parent."""
    while os.getppid() == parent:
        time.sleep(PARENT_POLL_S)
    server.shutdown()


def _fault(text: str) -> tuple[int, Fault]:
    number, _, kind = text.partition("=")
    if not number.isdecimal():
        told = f"{text!r} is not the number of a request = a fault, such as 3=hang"
        raise argparse.ArgumentTypeError(told)
    return int(number), _kind(kind)


def _rate(text: str) -> tuple[Fault, float]:
    kind, _, rate = text.partition("=")
    try:
        return _kind(kind), float(rate)
    except ValueError as exc:
        told = f"{text!r} is not a fault = its rate, such as slow=0.1"
        raise argparse.ArgumentTypeError(told) from exc


def _kind(text: str) -> Fault:
    if text not in list(Fault):
        told = f"no fault {text!r}, only {', '.join(Fault)}"
        raise argparse.ArgumentTypeError(told)
    return Fault(text)


if __name__ == "__main__":
    main()
