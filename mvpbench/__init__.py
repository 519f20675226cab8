"""The frame around the rooms: stores, models and statistics under them, commands on top."""


def __getattr__(name: str) -> str:
    """Return `__version__`; found only when asked for, since looking it up takes longer than this import."""
    if name != "__version__":
        raise AttributeError(name)
    from importlib.metadata import version

    return version(__name__)
