"""`python -m benchmarks [PART ...]`: measures and prints a table."""

import platform
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from benchmarks.measure import Figure

SHOWN_CHARACTERS = 2000


def _house() -> Iterator[Figure]:
    from benchmarks import house

    return house.figures()


def _builder() -> Iterator[Figure]:
    from benchmarks import builder

    return builder.figures()


def _engine() -> Iterator[Figure]:
    from benchmarks import engine

    return engine.figures()


def _survey() -> Iterator[Figure]:
    from benchmarks import survey

    return survey.figures()


def _questions() -> Iterator[Figure]:
    from benchmarks import questions

    return questions.figures()


def _studio() -> Iterator[Figure]:
    from benchmarks import studio

    return studio.figures()


def _annotation() -> Iterator[Figure]:
    from benchmarks import annotation

    return annotation.figures()


def _pull() -> Iterator[Figure]:
    from benchmarks import pull

    return pull.figures()


def _agreement() -> Iterator[Figure]:
    from benchmarks import agreement

    return agreement.figures()


def _release() -> Iterator[Figure]:
    from benchmarks import release

    return release.figures()


def _scorer() -> Iterator[Figure]:
    from benchmarks import scorer

    return scorer.figures()


def _demo() -> Iterator[Figure]:
    from benchmarks import demo

    return demo.figures()


# Each imports its part when it is its turn: torch is not there while processes are timed.
PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "house": _house,
    "builder": _builder,
    "engine": _engine,
    "survey": _survey,
    "questions": _questions,
    "studio": _studio,
    "annotation": _annotation,
    "pull": _pull,
    "agreement": _agreement,
    "release": _release,
    "demo": _demo,
    "scorer": _scorer,
}


def main(names: list[str]) -> int:
    """Measure the parts named, or all of them."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers end and temporary folders go
    print(f"{datetime.now(tz=UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.machine()}")
    for name in names or PARTS:
        try:
            for figure in PARTS[name]():
                aim = f"  ({figure.aim})" if figure.aim else ""
                print(f"{figure.part:<9} {figure.what:<58} {figure.value:>12,.2f} {figure.unit}{aim}", flush=True)
        except subprocess.CalledProcessError as error:
            said = error.output.decode(errors="replace")[-SHOWN_CHARACTERS:]
            print(f"{name}: {' '.join(error.cmd)} ended with {error.returncode}:\n{said}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
