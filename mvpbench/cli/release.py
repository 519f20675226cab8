"""`mvpbench release`: build, seal, verify."""

from pathlib import Path
from typing import Annotated

import typer

from mvpbench.cli.frame import HERE, JsonOption, StudyOption, perform, say
from schemas.release import ReleaseBuilt, ReleaseSealed, ReleaseVerified
from schemas.results import Outcome

app = typer.Typer(help="Versions that others can cite, load and check.", no_args_is_help=True)

VersionArgument = Annotated[str, typer.Argument(metavar="VERSION", help="Such as 0.1.0.")]
PathArgument = Annotated[
    Path,
    typer.Argument(metavar="DIR|VERSION", help="The release's folder, wherever it lies, or a version of the study."),
]


@app.command()
def build(version: VersionArgument, study: StudyOption = HERE, as_json: JsonOption = False) -> None:
    """Make the candidate of a version from the study's tables: data, card, gates."""

    def work() -> Outcome[ReleaseBuilt]:
        from mvpbench.store.study import open_study
        from release.build import build_release

        return build_release(open_study(study), version, say)

    perform("release build", as_json, work)


@app.command()
def seal(version: VersionArgument, study: StudyOption = HERE, as_json: JsonOption = False) -> None:
    """Run the gates over the candidate, write its manifest and make it immutable; exit 1 where a gate fails."""

    def work() -> Outcome[ReleaseSealed]:
        from mvpbench.store.study import open_study
        from release.seal import seal_release

        return seal_release(open_study(study), version, say)

    perform("release seal", as_json, work)


@app.command()
def verify(release: PathArgument, study: StudyOption = HERE, as_json: JsonOption = False) -> None:
    """Hash every file of a sealed release against its manifest; exit 1 where one differs."""

    def work() -> Outcome[ReleaseVerified]:
        from mvpbench.store.study import open_study
        from release.verify import verify_release
        from release.versions import is_version, release_path

        named = not release.exists() and is_version(str(release))
        return verify_release(release_path(open_study(study), str(release)) if named else release)

    perform("release verify", as_json, work)
