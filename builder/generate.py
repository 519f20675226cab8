"""`generate` over a study: counterparts matched, questions written for them, each put to both."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from builder import instances as put
from builder.asking import Calls, Limits
from builder.build import (
    INSTANCES_STAGE,
    MATCHES_STAGE,
    QUESTIONS_STAGE,
    loans_of,
    make_instances,
    make_matches,
    make_questions,
    to_write,
)
from builder.countries.prompts import country_prompts
from builder.judging import judge_pass, require_judge
from builder.orders import orders_of, paper_orders
from builder.paired import Reported, pairing, report_pairing
from builder.preview import in_words, spread
from builder.readers import judge_estimate, open_reader
from builder.recipes.paper import PaperRecord, records, stated
from builder.run import (
    codebook_of,
    framework_of,
    outcome_of,
    require_fresh_until,
    stage_files,
    survey_of,
    synthetic_note,
)
from builder.stands import Stands, scores_of, stands
from builder.writers import Order, Writer, open_writer
from builder.writers.estimate import total
from mvpbench.chat.batch.run import open_calls
from mvpbench.chat.budget import Budget
from mvpbench.chat.limit import Limit
from mvpbench.chat.price import in_dollars
from mvpbench.store.journal import Journal, Spent, Written, call_id
from mvpbench.store.stage import Produced, run_stage
from mvpbench.store.study import Study, locked
from mvpbench.store.tables import TableInfo, read_table
from schemas.chat import ChatRequest
from schemas.codebook import FreeText
from schemas.errors import CheckFailed, Stopped
from schemas.questions import Dropped, Instance, Match, Question, Recipe
from schemas.results import EstimateResult, Nothing, Outcome
from schemas.study import GenerateSection, ReaderSection, StudyConfig
from schemas.survey import Respondent
from schemas.values import ValueFramework, ValueProfile

Say = Callable[[str], None]
Confirm = Callable[[str | None], None]
"""Called with what is about to be spent, None for nothing; raises to stop."""


@dataclass(frozen=True)
class Material:
    """What questions are made from."""

    config: StudyConfig
    framework: ValueFramework
    texts: Sequence[FreeText]
    respondents: Sequence[Respondent]
    profiles: Sequence[ValueProfile]

    @property
    def section(self) -> GenerateSection:
        """Of the study's configuration."""
        return self.config.generate

    @cached_property
    def records(self) -> tuple[list[PaperRecord], list[Dropped]]:
        """What the recipe `paper` asks about, and who has nothing to be asked about; none without that recipe."""
        if Recipe.PAPER not in self.section.recipes:
            return [], []
        levels = stated(scores_of(self.profiles, self.framework), self.config.profile.levels)
        people = {person.id: person for person in self.respondents}
        every = list(records(self.profiles, people, levels, self.texts))
        return (
            [one for one in every if isinstance(one, PaperRecord)],
            [one for one in every if isinstance(one, Dropped)],
        )

    def matches(self, recorded: Sequence[Match]) -> Produced[Match]:
        """Return the matches that are made now, the recorded ones among them."""
        return make_matches(self.respondents, self.profiles, self.framework, self.section, recorded)

    def orders(self, matches: Sequence[Match]) -> list[Order]:
        """Return what is asked of a writer: first for the matches, then for the records."""
        profiles = {profile.respondent_id: profile for profile in self.profiles}
        people = {person.id: person for person in self.respondents}
        return [*orders_of(matches, self.respondents, self.texts), *paper_orders(self.records[0], profiles, people)]

    def instances(
        self, matches: Sequence[Match], questions: Sequence[Question], loans: Sequence[tuple[str, str]]
    ) -> Produced[Instance]:
        """Return the instances, those of `loans` as they were lent."""
        languages = {person.id: person.language for person in self.respondents}
        crowd = put.Crowd(self.profiles, languages, self.stands)
        return make_instances(crowd, matches, self.records[0], questions, loans)

    def report(self, reports: Path, matches: Sequence[Match]) -> Reported:
        """Write into a study's reports who was paired, where a recipe pairs people."""
        if not self.stands.targets:
            return Reported()
        return report_pairing(reports, pairing(self.profiles, self.respondents, self.stands, matches))

    @cached_property
    def stands(self) -> Stands:
        """Everybody's side on every target."""
        return stands(self.profiles, self.framework, self.section.recipes)


def material_of(study: Study) -> Material:
    """Return what a study's questions are made from. Raises as `require_fresh_until` does."""
    require_fresh_until(study, "profiles")
    return Material(
        study.config,
        framework_of(study),
        codebook_of(study).free_text,
        read_table(study.tables, "respondents", Respondent),
        read_table(study.tables, "profiles", ValueProfile),
    )


def run_generate(study: Study, say: Say, confirm: Confirm, max_usd: float | None = None) -> Outcome[Nothing]:
    """`generate`: write the tables `matches`, `questions` and `instances`, for at most `max_usd` in this run.

    `confirm` is called with what is about to be spent before a writer that costs money is used. What is drawn and
    written is recorded in the journal before its table is, and kept from then on. Raises as `material_of` does, and
    Stopped `budget-spent`.
    """
    with locked(study), Journal(study.journal) as journal:
        material = material_of(study)
        before = journal.spent()
        matches_info, matches = draw_matches(study, material, journal)

        def write() -> Produced[Question]:
            asking = _Asking(study, material, journal, say, confirm, Budget(max_usd))
            made, new = asking.write(material.orders(matches))
            journal.record_questions(new)
            made = asking.judge(made)
            return Produced(rows=made.rows, dropped=[*material.records[1], *made.dropped], counts=made.counts)

        questions_info = run_stage(study, QUESTIONS_STAGE, stage_files(study, "questions"), write)

        def ask() -> Produced[Instance]:
            questions = read_table(study.tables, "questions", Question)
            made = material.instances(matches, questions, journal.loans())
            journal.record_loans(loans_of(made.rows))
            return made

        instances_info = run_stage(study, INSTANCES_STAGE, stage_files(study, "instances"), ask)
        paid = paid_since(before, journal.spent())
        reported = material.report(study.reports, matches)
    infos = [matches_info, questions_info, instances_info]
    _require_questions(questions_info)
    notes = (*synthetic_note(survey_of(study).synthetic), *reported.words, *paid)
    done = outcome_of(infos, next_step="mvpbench audit", summary=notes)
    return done.model_copy(update={"outputs": (*done.outputs, *reported.files)})


def _require_questions(info: TableInfo) -> None:
    """Object where everything that was asked for was dropped. Raises CheckFailed `no-questions`."""
    if info.rows or not info.dropped:
        return
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(info.dropped.items()))
    raise CheckFailed(
        "no-questions",
        "generate",
        found=f"no question at all; dropped: {reasons}",
        expected="a question at least",
        way_out="`mvpbench status --dropped questions` says what is wrong with each; the template writer's bank is in "
        "English, a model writes in any language: `generate.writer: {kind: openai, ...}`",
    )


def draw_matches(study: Study, material: Material, journal: Journal) -> tuple[TableInfo, Sequence[Match]]:
    """Make the table `matches`, recorded first; return it with what is told of it."""

    def draw() -> Produced[Match]:
        made = material.matches(journal.matches())
        journal.record_matches(made.rows)
        return made

    info = run_stage(study, MATCHES_STAGE, stage_files(study, "matches"), draw)
    return info, read_table(study.tables, "matches", Match)


def paid_since(before: Spent, after: Spent) -> tuple[str, ...]:
    """Return in a line what the calls of a run came to; nothing where it made none."""
    if after.attempts == before.attempts:
        return ()
    tokens = f"{after.prompt_tokens - before.prompt_tokens:,} + {after.completion_tokens - before.completion_tokens:,}"
    calls = after.calls - before.calls
    return (f"{calls:,} model calls replied to, {tokens} tokens, ${after.usd - before.usd:,.4f} of known prices",)


def estimate_questions(study: Study) -> Outcome[EstimateResult]:
    """`generate --estimate`: return what writing, and judging if a judge is named, is about to take.

    Nothing is called or written. Raises as `material_of` does.
    """
    with locked(study), Journal(study.journal, view=True) as journal:
        material = material_of(study)
        writer = writer_of(study, material, journal)
        orders = material.orders(material.matches(journal.matches()).rows)
        parts = [writer.estimate(to_write(orders, writer, journal.questions()))]
        if material.section.judge is not None:
            parts.append(_judging(orders, writer, material.section.judge, journal))
    found = total(parts)
    price = "no price is known" if found.usd is None else f"about {in_dollars(found.usd)}"
    judging = (f"{parts[1].calls:,} of the model calls are the judge's",) if parts[1:] else ()
    return Outcome(
        result=found,
        counts={
            "model calls": found.calls,
            "prompt tokens": found.prompt_tokens,
            "completion tokens": found.completion_tokens,
        },
        summary=(price, f"by {found.basis}", *judging) if found.calls else (found.basis,),
        next_step="mvpbench generate",
    )


def _judging(orders: Sequence[Order], writer: Writer, section: ReaderSection, journal: Journal) -> EstimateResult:
    """What there is already is judged as it is; of what a model has still to write each question counts as good."""
    recorded = journal.questions()
    open_orders = {order.id for order in to_write(orders, writer, recorded) if writer.next_calls([order])}
    ready = [order for order in orders if order.id not in open_orders]
    made, _ = make_questions(ready, writer, lambda _line: None, recorded)
    coming = Counter[str]()
    for order in orders:
        if order.id in open_orders:
            coming[order.language] += order.rules.questions
    return judge_estimate(made.rows, coming, section, journal)


def preview_questions(
    study: Study, count: int, say: Say, confirm: Confirm, max_usd: float | None = None
) -> Outcome[Nothing]:
    """`generate --preview N`: have the first questions written and show them; no table is touched, nothing is drawn.

    A writer that costs money is paid, once: the calls are journaled and `generate` uses them again. Raises as
    `run_generate` does.
    """
    _, made = write_some(study, lambda orders: spread(orders, count), say, confirm, max_usd)
    lines = [line for question in made.rows for line in in_words(question)]
    dropped: dict[str, int] = {}
    for drop in made.dropped:
        dropped[drop.reason] = dropped.get(drop.reason, 0) + 1
    return Outcome(result=Nothing(), counts={"questions": len(made.rows)}, dropped=dropped, summary=tuple(lines))


def write_some(
    study: Study,
    choose: Callable[[Sequence[Order]], Sequence[Order]],
    say: Say,
    confirm: Confirm,
    max_usd: float | None = None,
) -> tuple[Sequence[Order], Produced[Question]]:
    """Return the orders that `choose` takes of all that would be written now, and their questions, as a preview."""
    with locked(study), Journal(study.journal) as journal:
        material = material_of(study)
        orders = choose(material.orders(material.matches(journal.matches()).rows))
        asking = _Asking(study, material, journal, say, confirm, Budget(max_usd))
        made, _ = asking.write(orders)
        made = asking.judge(made)
    return orders, made


def writer_of(
    study: Study, material: Material, journal: Journal, budget: Budget | None = None, limit: Limit | None = None
) -> Writer:
    """Return the study's writer."""
    return open_writer(material.section.writer, material.framework, journal, country_prompts(study.root), budget, limit)


@dataclass(frozen=True)
class _Asking:
    """Models at work on a study, within one budget, and one limit a server."""

    study: Study
    material: Material
    journal: Journal
    say: Say
    confirm: Confirm
    budget: Budget

    def write(self, orders: Sequence[Order]) -> tuple[Produced[Question], Written]:
        """As `make_questions`, once the price is agreed to and all who are to be asked can be.

        Raises Stopped `batch-open`; ConfigError.
        """
        limit = self._limits.of(self.material.section.writer)
        writer = writer_of(self.study, self.material, self.journal, self.budget, limit)
        recorded = self.journal.questions()
        waiting = to_write(orders, writer, recorded)
        calls = writer.next_calls(waiting)
        require_no_batch(calls, self.journal)
        if calls and self.material.section.judge is not None:
            require_judge(self.material.section.judge, self.budget)
        self.confirm(writer.cost(waiting))
        return make_questions(orders, writer, self.say, recorded)

    def judge(self, made: Produced[Question]) -> Produced[Question]:
        """As `judge_pass`; without a judge what was made."""
        section = self.material.section.judge
        if section is None:
            return made
        limit = self._limits.of(section)
        calls = Calls(section, open_reader(section), self.journal, self.say, budget=self.budget, limit=limit)
        return judge_pass(made, calls, self.confirm)

    @cached_property
    def _limits(self) -> Limits:
        return Limits(self.material.section.writer, self.material.section.judge)


def require_no_batch(calls: Sequence[ChatRequest], journal: Journal) -> None:
    """Refuse to make calls that are in a batch: they would be paid twice. Raises Stopped `batch-open`."""
    handed_over = open_calls(journal)
    there = [handed_over[call] for call in map(call_id, calls) if call in handed_over] if handed_over else []
    if there:
        addresses = ", ".join(dict.fromkeys(there))
        raise Stopped(
            "batch-open",
            "calls to the model",
            found=f"{len(there):,} of {len(calls):,} in a batch at {addresses} that is not collected",
            way_out=f"run `mvpbench generate --batch collect` when it has ended, with {addresses} as `base_url`; only "
            "if it is gone for good, give it up by `mvpbench generate --batch forget`",
        )
