"""Reading a value framework from its YAML file: a built-in one, or one of a study's own."""

from functools import cache
from pathlib import Path

from mvpbench.store.config_file import read_config
from schemas.errors import ConfigError
from schemas.values import ValueFramework

FOLDER = Path(__file__).parent
OWN = "frameworks"
"""The folder of a study's own frameworks, beside study.yaml; one of a built-in's name goes before it."""


def framework_path(name: str, study: Path | None = None) -> Path:
    """Return the file of the framework `name`, of the study in folder `study` or built in.

    Raises ConfigError `framework-unknown`.
    """
    own = study / OWN if study is not None else None
    folders = (FOLDER, own) if own is not None else (FOLDER,)
    places = {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}
    if name not in places:
        raise ConfigError(
            "framework-unknown",
            "value framework",
            found=repr(name),
            expected=f"one of {', '.join(sorted(places))}",
            way_out="set `framework` in the codebook to one of these, or describe it in the study's folder "
            f"{OWN}/{name}.yaml (`mvpbench schema framework`)",
        )
    return places[name]


@cache
def built_in_frameworks() -> tuple[ValueFramework, ...]:
    """Return the frameworks that ship with mvpbench, in the order of their names."""
    return tuple(load_framework(path.stem) for path in sorted(FOLDER.glob("*.yaml")))


def load_framework(name: str, study: Path | None = None) -> ValueFramework:
    """Return the framework `name`. Raises ConfigError as `framework_path`, or for a file that does not fit."""
    path = framework_path(name, study)
    return _built_in(name) if path.parent == FOLDER else _read(name, path)


@cache
def _built_in(name: str) -> ValueFramework:
    return _read(name, FOLDER / f"{name}.yaml")


def _read(name: str, path: Path) -> ValueFramework:
    framework = read_config(path, ValueFramework)
    if framework.framework != name:
        raise ConfigError(
            "framework-misnamed", str(path), where="framework", found=repr(framework.framework), expected=repr(name)
        )
    return framework
