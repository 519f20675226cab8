"""`release verify`: whether a release is, byte for byte, what was sealed. Needs no study, only the folder."""

from pathlib import Path

from pydantic import ValidationError

from mvpbench.store.atomic import disk_errors
from mvpbench.store.fingerprint import file_sha256
from release.seal import manifest_sha256
from release.versions import MANIFEST
from schemas.errors import CheckFailed, InputError
from schemas.release import FileEntry, Manifest, ReleaseVerified, Violation
from schemas.results import Outcome

SHOWN = 5


def verify_release(path: Path) -> Outcome[ReleaseVerified]:
    """`release verify`: hash every file of the release in folder `path` and compare. Raises as `require_unchanged`."""
    require_unchanged(path)
    manifest = read_manifest(path)
    size = sum(entry.bytes for entry in manifest.files)
    sha256 = file_sha256(path / MANIFEST)
    return Outcome(
        result=ReleaseVerified(
            name=manifest.name,
            version=manifest.version,
            kind=manifest.kind,
            manifest_sha256=sha256,
            files=len(manifest.files),
            bytes=size,
        ),
        counts={"files": len(manifest.files), "bytes": size},
        summary=(
            f"{manifest.name} {manifest.version} ({manifest.kind}) is unchanged since {manifest.created_at}",
            f"manifest sha256 {sha256}",
        ),
    )


def require_unchanged(path: Path) -> None:
    """Refuse to go on from a release that is not, byte for byte, what was sealed.

    Raises:
        CheckFailed: `release-changed`, naming the files.
        InputError: `not-a-release`.
    """
    found = violations(path)
    if found:
        more = f", and {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
        raise CheckFailed(
            "release-changed",
            f"release in {path}",
            where=", ".join(one.where for one in found[:SHOWN]) + more,
            found="; ".join(f"{one.where}: {one.found}" for one in found[:SHOWN]) + more,
            expected="the files that were sealed",
            way_out="take the release again from where it was published",
        )


def violations(path: Path) -> list[Violation]:
    """Return every way in which the release in folder `path` is not what was sealed, ordered by file.

    A manifest that cannot be read any more is the only one named: without it nothing else can be told.

    Raises:
        InputError: `not-a-release`.
    """
    try:
        manifest = read_manifest(path)
    except ValidationError:
        return [Violation(code="file-changed", where=MANIFEST, found="no manifest", expected="one that can be read")]
    with disk_errors(path):
        raw = (path / MANIFEST).read_bytes()
        found = _listing(path)
    listed = {entry.path: entry for entry in manifest.files}
    wrong = [
        Violation(code="file-extra", where=name, found="a file that was not sealed", expected="no such file")
        for name in found - listed.keys() - {MANIFEST}
    ]
    wrong += [one for entry in listed.values() if (one := _compare(path, entry, there=entry.path in found))]
    actual = manifest_sha256(raw, manifest.self_sha256)
    if actual != manifest.self_sha256:
        wrong.append(_changed(MANIFEST, actual, manifest.self_sha256))
    return sorted(wrong, key=lambda one: (one.where, one.code))


def read_manifest(path: Path) -> Manifest:
    """Return the manifest. Raises InputError `not-a-release` where there is none, pydantic's error for a broken one."""
    file = path / MANIFEST
    if not file.is_file():
        raise InputError(
            "not-a-release",
            str(path),
            found=f"no {MANIFEST}",
            expected="a sealed release",
            way_out="name the folder of a version, such as releases/1.0.0; `mvpbench release seal` seals a candidate",
        )
    with disk_errors(file):
        return Manifest.model_validate_json(file.read_bytes())


def _listing(path: Path) -> set[str]:
    """Return every name under the release that is not a folder with something in it; links count as files."""
    return {
        one.relative_to(path).as_posix()
        for one in path.rglob("*")
        if one.is_symlink() or not one.is_dir() or not any(one.iterdir())
    }


def _compare(path: Path, entry: FileEntry, *, there: bool) -> Violation | None:
    # A name that is not in the listing is never opened: a manifest from elsewhere cannot make us read outside.
    if not there:
        return Violation(code="file-missing", where=entry.path, found="no such file", expected=f"{entry.bytes:,} bytes")
    file = path / entry.path
    if file.is_symlink() or not file.is_file():
        return Violation(
            code="file-changed", where=entry.path, found="no plain file", expected=f"{entry.bytes:,} bytes"
        )
    actual = file_sha256(file)
    return None if actual == entry.sha256 else _changed(entry.path, actual, entry.sha256)


def _changed(where: str, actual: str, expected: str) -> Violation:
    return Violation(
        code="file-changed", where=where, found=f"other bytes, sha256 {actual[:12]}", expected=f"sha256 {expected[:12]}"
    )
