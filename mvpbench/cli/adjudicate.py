"""`mvpbench annotate adjudicate`."""

from typing import Annotated

import typer

from mvpbench.cli.frame import HERE, JsonOption, StudyOption, perform, say
from schemas.results import AdjudicateResult, Outcome

AnewOption = Annotated[bool, typer.Option("--anew", help="Make projects again that were deleted by hand.")]


def adjudicate(study: StudyOption = HERE, anew: AnewOption = False, as_json: JsonOption = False) -> None:
    """Put questions in doubt to adjudicators, with what raters said, and bring their decisions back; run it again."""

    def work() -> Outcome[AdjudicateResult]:
        from annotation.adjudicate import adjudicate as decide
        from annotation.studio import open_studio
        from mvpbench.store.study import open_study

        opened = open_study(study)
        with open_studio(opened) as studio:
            return decide(opened, studio, say=say, anew=anew)

    perform("annotate adjudicate", as_json, work)
