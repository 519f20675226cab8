"""Folders that are there whole or not at all, and folders that can no longer be written to by accident."""

import os
import shutil
import stat
from pathlib import Path
from secrets import token_hex

from mvpbench.store.atomic import disk_errors, sync_folder

FILE_MODE, FOLDER_MODE = 0o444, 0o555


def partial_folder(target: Path) -> Path:
    """Return a new name beside `target` for a folder in the making."""
    return target.with_name(f".{target.name}.{token_hex(4)}.partial")


def put_in_place(fresh: Path, target: Path) -> None:
    """Rename folder `fresh`, made in `partial_folder(...)`, to `target`; a folder there before is moved away first.

    A kill leaves the old folder, the new one or, for the moment between two renames, neither.
    """
    with disk_errors(target):
        sync_tree(fresh)
        if target.exists():
            old = partial_folder(fresh)
            target.rename(old)
            fresh.rename(target)
            _remove(old)
        else:
            fresh.rename(target)
        sync_folder(target.parent)


def remove_partial(folder: Path) -> None:
    """Remove what killed processes left of folders in the making; only for the holder of the study's lock."""
    with disk_errors(folder):
        for left in folder.glob(".*.partial"):
            _remove(left)


def sync_tree(folder: Path) -> None:
    """Bring every file and name under `folder` to the disk. Raises OSError."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    for path in _folders(folder):
        sync_folder(path)


def freeze(folder: Path) -> None:
    """Take the right to write from every file and folder, for everybody. Root can write all the same."""
    with disk_errors(folder):
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                path.chmod(FILE_MODE)
        for path in _folders(folder):
            path.chmod(FOLDER_MODE)


def unfreeze(folder: Path) -> None:
    """Give the owner the right to write back, as to a candidate that was frozen when its seal was killed."""
    with disk_errors(folder):
        for path in reversed(_folders(folder)):
            path.chmod(stat.S_IMODE(path.stat().st_mode) | stat.S_IRWXU)
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                path.chmod(stat.S_IMODE(path.stat().st_mode) | stat.S_IRUSR | stat.S_IWUSR)


def _folders(folder: Path) -> list[Path]:
    """Return the folder and those under it, deepest first."""
    # Links are left alone: what they lead to is not ours.
    under = (path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())
    return sorted((folder, *under), key=lambda path: -len(path.parts))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        unfreeze(path)
        shutil.rmtree(path)
    else:
        path.unlink()
