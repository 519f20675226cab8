"""`generate --batch`: a writer's calls handed over together and fetched later, for less."""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager

from builder.build import to_write
from builder.generate import Confirm, Material, Say, draw_matches, material_of, writer_of
from builder.writers import Order, Writer
from mvpbench.chat.batch.forget import Missing, forget, missing
from mvpbench.chat.batch.ledger import elsewhere
from mvpbench.chat.batch.openai import openai_batch
from mvpbench.chat.batch.run import BatchSettings, Sleep, adopt, collect, open_calls, submit
from mvpbench.chat.batch.service import BatchService
from mvpbench.chat.budget import Budget
from mvpbench.chat.endpoint import OFFICIAL_URL, Endpoint, require_endpoint
from mvpbench.chat.price import Price, in_dollars, known_price, price_for
from mvpbench.chat.tokens import most_tokens
from mvpbench.store.journal import Journal, call_id
from mvpbench.store.study import Study, locked
from schemas.batches import CollectResult, ForgetResult, SubmitResult
from schemas.chat import ChatRequest, Usage
from schemas.errors import ConfigError, UserError
from schemas.results import EstimateResult, Outcome
from schemas.study import WriterSection
from schemas.wording import plural

_Asked = Sequence[tuple[ChatRequest, str]]
"""Requests, each with the address that it goes to."""


def submit_batch(
    study: Study, say: Say, confirm: Confirm, max_usd: float | None = None, sleep: Sleep = time.sleep
) -> Outcome[SubmitResult]:
    """`generate --batch submit`: hand over the calls that have no reply and are in no batch; draw the matches first.

    What an earlier run began is looked for before anything is agreed to. A batch that is there costs nothing more; the
    calls of one that is not are in no batch, and are asked for with all others if they are still wanted.

    Raises ConfigError `batch-by-template`, `price-unknown`, `batch-over-budget`; and as `material_of`, `adopt` and
    `submit` do.
    """
    section = _by_model(study)
    with locked(study), Journal(study.journal) as journal:
        material = material_of(study)
        _, matches = draw_matches(study, material, journal)
        adopted = adopt(lambda: _service(section), journal, _settings(section), say, sleep)
        writer, orders = _waiting(study, material, journal, material.orders(matches))
        away = _elsewhere(journal, section, say)
        handed_over = open_calls(journal)
        calls = [call for call in writer.next_calls(orders) if call_id(call) not in handed_over]
        foreseen = [order for order in orders if set(map(call_id, writer.next_calls([order]))) - handed_over.keys()]
        _require_within(max_usd, calls, section, _open_requests(journal))
        confirm(_cost(calls, writer.estimate(foreseen), section))
        done = submit(calls, lambda: _service(section), journal, _settings(section), say, sleep)
    waiting = len(handed_over) - adopted.calls
    result = SubmitResult(
        created=done.created,
        adopted=adopted.batches,
        calls=done.calls + adopted.calls,
        waiting=waiting,
        elsewhere=away,
    )
    return Outcome(
        result=result,
        counts={
            "batches": result.created + result.adopted,
            "calls": result.calls,
            "calls in earlier batches": result.waiting,
        },
        next_step="mvpbench generate" + (" --batch collect" if result.calls or result.waiting else ""),
    )


def collect_batch(study: Study, say: Say) -> Outcome[CollectResult]:
    """`generate --batch collect`: fetch what ended batches brought, whatever became of the study meanwhile.

    Nothing is called or waited for. Raises ConfigError `batch-by-template` where there is nothing to collect either;
    and as `collect` does.
    """
    section = study.config.generate.writer
    with locked(study), Journal(study.journal) as journal:
        if not open_calls(journal):
            _by_model(study)
        _elsewhere(journal, section, say)
        done = collect(lambda: _service(section), journal, _settings(section), say)
        left, unfit = _left(study, journal)
    failed = Counter(call.kind for call in done.failed)
    result = CollectResult(
        batches=done.batches,
        replies=done.replies,
        failed=dict(sorted(failed.items())),
        open_batches=done.open_batches,
        open_calls=done.open_calls,
        unsure=done.unsure,
        elsewhere=done.elsewhere,
        left=left,
    )
    counts = {"replies": done.replies, "calls in open batches": done.open_calls}
    return Outcome(
        result=result,
        counts=counts if left is None else {**counts, "calls left": left},
        dropped=result.failed,
        summary=(f"how many calls are left is not known: {unfit.report.sentence()}",) if unfit else (),
        next_step=_next_step(result),
    )


def _left(study: Study, journal: Journal) -> tuple[int | None, UserError | None]:
    """Return how many calls are left that are in no batch, or why that cannot be said of the study as it is."""
    try:
        material = material_of(study)
        orders = material.orders(material.matches(journal.matches()).rows)
        writer, waiting = _waiting(study, material, journal, orders)
        handed_over = open_calls(journal)
        return sum(call_id(call) not in handed_over for call in writer.next_calls(waiting)), None
    except UserError as error:
        return None, error


def forget_batches(study: Study, say: Say, confirm: Confirm, sleep: Sleep = time.sleep) -> Outcome[ForgetResult]:
    """`generate --batch forget`: give up batches that the service does not know, and all of another address.

    `confirm` is called with what that means, None where there is none; the study may be in any state. Raises as
    `missing` does.
    """
    section = study.config.generate.writer
    with locked(study), Journal(study.journal) as journal:
        found = missing(lambda: _service(section), journal, _settings(section), say, sleep)
        confirm(_given_up(found, _endpoint(section).base_url) if found.keys else None)
        forget(journal, found)
    return Outcome(
        result=ForgetResult(batches=len(found.keys), calls=found.calls),
        counts={"batches given up": len(found.keys), "calls": found.calls},
        next_step="mvpbench generate",
    )


def _given_up(found: Missing, base_url: str) -> str:
    named = [batch_id or "one that was never heard of" for batch_id in found.unknown]
    parts = [f"{base_url} does not know {', '.join(named)}"] if named else []
    parts += [f"{plural(count, 'batch', 'batches')} went to {address}" for address, count in found.elsewhere.items()]
    batches = plural(len(found.keys), "batch", "batches")
    return (
        f"{batches} of {found.calls:,} calls given up ({'; '.join(parts)}): what they brought is "
        "never collected, and their calls may be paid again"
    )


def _elsewhere(journal: Journal, section: WriterSection, say: Say) -> dict[str, int]:
    """Return and tell which batches cannot be collected under this configuration."""
    found = elsewhere(journal, _settings(section).address)
    for address, count in found.items():
        say(
            f"not collected: {plural(count, 'batch', 'batches')} that went to {address}. `--batch collect` with that "
            "address as `base_url` fetches the results, `--batch forget` gives them up"
        )
    return found


def _next_step(result: CollectResult) -> str:
    if result.left or result.unsure:
        return "mvpbench generate --batch submit"
    if result.open_batches:
        return "mvpbench generate --batch collect, later"
    if result.elsewhere:
        return f"mvpbench generate --batch collect, with {next(iter(result.elsewhere))} as `base_url`"
    return "mvpbench status" if result.left is None else "mvpbench generate"


def _waiting(study: Study, material: Material, journal: Journal, orders: list[Order]) -> tuple[Writer, list[Order]]:
    writer = writer_of(study, material, journal)
    return writer, to_write(orders, writer, journal.questions())


def _by_model(study: Study) -> WriterSection:
    section = study.config.generate.writer
    if section.kind != "openai":
        raise ConfigError(
            "batch-by-template",
            "--batch",
            where=f"{study.config_file}, generate.writer.kind",
            found=section.kind,
            expected="openai: only calls to a model can be handed over",
            way_out="leave --batch away",
        )
    require_endpoint(_endpoint(section))
    return section


def _require_within(max_usd: float | None, calls: Sequence[ChatRequest], section: WriterSection, open_: _Asked) -> None:
    """A batch is paid as a whole: the most that it may cost must fit, beside what the open ones may."""
    if max_usd is None or not calls:
        return
    price = price_for(section, _endpoint(section).base_url)
    Budget(max_usd).require_price(known=price is not None, model=section.model or "")
    new = 0.0 if price is None else _at_most(calls, price)
    before = sum(_open_at_most(call, address, section) for call, address in open_)
    if new + before > max_usd:
        beside = f", beside batches not collected that may cost {in_dollars(before)}" if before else ""
        raise ConfigError(
            "batch-over-budget",
            "--max-usd",
            found=f"a batch that may cost {in_dollars(new)} and is paid as a whole{beside}",
            expected=f"at most {in_dollars(max_usd)}",
            way_out="grant more, or leave --batch away: single calls stop at the bound",
        )


def _at_most(calls: Sequence[ChatRequest], price: Price) -> float:
    return sum(price.of_batched(most_tokens(call)) for call in calls)


def _open_at_most(call: ChatRequest, address: str, section: WriterSection) -> float:
    price = price_for(section, address) if call.model == section.model else known_price(call.model, address)
    if price is None:
        raise ConfigError(
            "price-unknown",
            "--max-usd",
            found=f"no price for the model {call.model!r} of a batch that is not collected",
            expected="a price to count with",
            way_out="run `mvpbench generate --batch collect` first, or leave --max-usd away",
        )
    return _at_most([call], price)


def _open_requests(journal: Journal) -> list[tuple[ChatRequest, str]]:
    found = ((journal.request(call), address) for call, address in open_calls(journal).items())
    return [(request, address) for request, address in found if request is not None]


def _cost(calls: Sequence[ChatRequest], foreseen: EstimateResult, section: WriterSection) -> str | None:
    """Return what handing over the calls is about to cost, in words, or None where there are none."""
    if not calls:
        return None
    base_url = _endpoint(section).base_url
    price, amount = price_for(section, base_url), "price unknown"
    if price is not None:
        usage = Usage(prompt_tokens=foreseen.prompt_tokens, completion_tokens=foreseen.completion_tokens)
        amount = f"about {in_dollars(price.of_batched(usage))}, at most {in_dollars(_at_most(calls, price))}"
        amount += " and more for replies that have to be asked for again"
    count = "1 model call" if len(calls) == 1 else f"{len(calls):,} model calls"
    return f"{count} to {section.model} at {base_url} in a batch, paid as a whole ({amount})"


def _service(section: WriterSection) -> AbstractContextManager[BatchService]:
    return openai_batch(_endpoint(section))


def _settings(section: WriterSection) -> BatchSettings:
    base_url = _endpoint(section).base_url
    return BatchSettings(base_url=base_url, price=price_for(section, base_url))


def _endpoint(section: WriterSection) -> Endpoint:
    return Endpoint(section.base_url or OFFICIAL_URL, section.key_env)
