"""The numbers that a country of its size needs."""

from functools import cache
from pathlib import Path

from mvpbench.store.config_file import read_config
from schemas.readiness import Band
from schemas.record import Record

FILE = Path(__file__).with_name("bands.yaml")


class Bands(Record):
    """bands.yaml."""

    rare_below: int
    bands: tuple[Band, ...]


@cache
def bands() -> Bands:
    """Return the bands, the smallest communities first."""
    return read_config(FILE, Bands)


def band_of(size: int | None) -> Band | None:
    """Return the band of a community of `size` people; None where the size is not known."""
    return None if size is None else [one for one in bands().bands if one.starts <= size][-1]
