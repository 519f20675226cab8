"""The page: the head with its counts, the filters, and the data and script that show the questions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from builder.browse.data import Generated, calls_of, payload, total
from builder.survey.countries import country_name
from mvpbench.page import data_block, environment, policy
from schemas.questions import Dropped, Question, Scope

FOLDER = Path(__file__).parent
SCOPES: Mapping[str, str] = {
    Scope.COUNTRY: "in one country",
    Scope.REGION: "within a region",
    Scope.NONE: "no counterpart",
}
EXAMPLES = 3
"""Of what was dropped for one reason."""
DROPPED = {"matches": "People and pairs left out", "questions": "Questions", "instances": "Instances"}


class Count(NamedTuple):
    """One value of something, in words, and how many questions have it."""

    value: str
    words: str
    questions: int


class Filter(NamedTuple):
    """One choice among values."""

    field: str
    label: str
    options: Sequence[Count]


class Reason(NamedTuple):
    """What was dropped for one reason, and the first of it in words."""

    code: str
    rows: int
    examples: Sequence[str]


def page(generated: Generated, *, synthetic: bool, title: str) -> str:
    """Return the page as HTML; every text of people and models in it is escaped, and nothing is loaded.

    The questions lie in it as data; a script of its own shows fifty at a time, as plain text.
    """
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    made = environment(FOLDER)
    calls = {call for question in generated.questions for call in calls_of(question)}
    return made.get_template("page.html.j2").render(
        title=title,
        synthetic=synthetic,
        script=script,
        policy=policy(str(made.globals["style"]), script),
        data=data_block(payload(generated)),
        questions=len(generated.questions),
        instances=len(generated.instances),
        pairs=len({one.pair_id for one in generated.instances if one.pair_id is not None}),
        people=len({one.respondent_id for one in generated.instances}),
        head=_head(generated.questions),
        filters=[one for one in _filters(generated) if len(one.options) > 1],
        dropped=[(words, _reasons(generated.dropped.get(table, ()))) for table, words in DROPPED.items()],
        dimensions=[one for one in generated.framework.dimensions if one.name in _measured(generated.questions)],
        judged=sum(question.judged is not None for question in generated.questions),
        cost=total([generated.costs[call] for call in sorted(calls) if call in generated.costs]),
        spent=generated.spent,
        stale=generated.stale,
    )


def _head(questions: Sequence[Question]) -> list[tuple[str, list[Count]]]:
    return [
        ("Recipe", _counts([question.recipe] for question in questions)),
        ("Language", _counts([question.language] for question in questions)),
        ("Split", _counts([question.split] for question in questions)),
        ("Writer", _counts([_writer(question)] for question in questions)),
        ("Flags", _counts(question.flags for question in questions)),
        ("Problems the judge named", _counts(question.judged.problems for question in questions if question.judged)),
    ]


def _writer(question: Question) -> str:
    return " ".join(part for part in (question.stamp.writer, question.stamp.model) if part)


def _filters(generated: Generated) -> list[Filter]:
    questions = generated.questions
    countries: dict[str, set[str]] = {}
    scopes: dict[str, set[str]] = {}
    for one in generated.instances:
        scopes.setdefault(one.question_id, set()).add(one.scope)
        if one.country is not None:
            countries.setdefault(one.question_id, set()).add(one.country)
    titles = {one.name: one.title for one in generated.framework.dimensions}
    return [
        Filter("recipe", "Recipe", _counts([one.recipe] for one in questions)),
        Filter("dimension", "Value", _counts((one.dimensions for one in questions), titles)),
        Filter("country", "Country", _by_words(_counts(countries.get(one.id, ()) for one in questions))),
        Filter("language", "Language", _counts([one.language] for one in questions)),
        Filter("split", "Split", _counts([one.split] for one in questions)),
        Filter("scope", "Counterpart", _counts((scopes.get(one.id, ()) for one in questions), SCOPES)),
        Filter("check", "Checks", _counts(map(checks_of, questions))),
    ]


def checks_of(question: Question) -> list[str]:
    """Return the words under which a question is found by its checks; the script says the same."""
    found = [*(["flagged"] if question.flags else []), *(f"flag {code}" for code in question.flags)]
    if question.judged is None:
        return [*found, "not judged"]
    problems = question.judged.problems
    return [*found, "judge objects" if problems else "judge has nothing", *(f"problem {code}" for code in problems)]


def _counts(values: Iterable[Iterable[str]], words: Mapping[str, str] | None = None) -> list[Count]:
    """How many of the lists hold each value, most first."""
    found = Counter(value for several in values for value in dict.fromkeys(several))
    return [
        Count(value, (words or {}).get(value, value), count)
        for value, count in sorted(found.items(), key=lambda one: (-one[1], one[0]))
    ]


def _by_words(countries: Iterable[Count]) -> list[Count]:
    return sorted((one._replace(words=country_name(one.value)) for one in countries), key=lambda one: one.words)


def _reasons(rows: Sequence[Dropped]) -> list[Reason]:
    return [
        Reason(
            one.value,
            one.questions,
            [
                f"{row.subject}: {row.detail}" if row.detail else row.subject
                for row in [row for row in rows if row.reason == one.value][:EXAMPLES]
            ],
        )
        for one in _counts([row.reason] for row in rows)
    ]


def _measured(questions: Sequence[Question]) -> set[str]:
    return {name for question in questions for name in question.dimensions}
