"""Reading a value framework from its YAML file."""

from pathlib import Path

from mvpbench.store.config_file import read_config
from schemas.errors import ConfigError
from schemas.values import ValueFramework

FOLDER = Path(__file__).parent


def framework_path(name: str) -> Path:
    """Return the file of the built-in framework `name`; ConfigError `framework-unknown` if there is none."""
    known = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    if name not in known:
        raise ConfigError(
            "framework-unknown",
            "value framework",
            found=repr(name),
            expected=f"one of {', '.join(known)}",
            way_out="set `framework` in the codebook to one of these",
        )
    return FOLDER / f"{name}.yaml"


def load_framework(name: str) -> ValueFramework:
    """Return the built-in framework `name`. Raises ConfigError for an unknown name or a file that does not fit."""
    return read_config(framework_path(name), ValueFramework)
