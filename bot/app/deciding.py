"""`refundpilot decide`: what a person's verdict would do, and carrying it out: the console and the service use the same parts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import ValidationError

from bot.app.explaining import find_case
from bot.app.sweeping import run_sweep
from bot.clock import SystemClock
from bot.config import Home
from bot.domain.action import Verb
from bot.domain.base import SHANGHAI
from bot.domain.decision import Plan, Reason
from bot.domain.hand import HandDetails, HandVerdict, Instead
from bot.domain.money import ZERO, Money
from bot.domain.outcome import CaseStatus
from bot.engine.facts import Facts, gather
from bot.engine.flip import as_code
from bot.engine.hand import agreeing_verb, plan_by_hand
from bot.engine.second_person import at_stake, lacks_person, needs_two
from bot.errors import ConfigError
from bot.ledger import SqlReader
from bot.ledger.reader import Reading
from bot.ports.deciding import HandAsk, HandBudget, HandPreview, HandResult, HandWord
from bot.ports.exits import ExitCode
from bot.ports.ledger import CaseLine, Judged
from bot.ports.progress import Progress, StopSignal
from bot.ports.results import SweepResult
from bot.ports.wanted import Wanted

_VERBS = {
    HandWord.AGREE_REFUND: Verb.AGREE_REFUND,
    HandWord.AGREE_RETURN: Verb.AGREE_RETURN,
    HandWord.REFUSE: Verb.REFUSE,
    HandWord.INTERCEPT: Verb.INTERCEPT,
    HandWord.ASK: Verb.NEGOTIATE,
    HandWord.COMPLAIN: Verb.COMPLAIN,
}
_INSTEAD = {HandWord.ELSEWHERE: Instead.ELSEWHERE, HandWord.RELEASE: Instead.RELEASE}
_SPENDS = frozenset({Verb.AGREE_REFUND, Verb.NEGOTIATE, Verb.INTERCEPT})
_CARRIED_OUT = "hand.done_before"


async def preview_by_hand(home: Home, ask: HandAsk) -> HandPreview:
    """What would be done.

    Raises:
        ConfigError: no such case, several, none that was ever read; or no name or no why was given.
        LedgerError.
    """
    if not home.files.ledger.exists():
        raise ConfigError(f"no ledger in {home.path}", code="cli.no_ledger", raw=ask.case)
    with SqlReader(home.files.ledger) as reader:
        return preview(reader, home, ask, SystemClock().now())


def preview(ledger: Reading, home: Home, ask: HandAsk, now: datetime) -> HandPreview:
    """As `preview_by_hand`, over a ledger that is open; `now` is when the person decides."""
    case = find_case(ledger, ask.case)
    judged = ledger.decision(case)
    if judged is None:
        raise ConfigError(f"nothing read of {case}", code="decide.never_read", raw=str(case))
    return _previewed(ledger, home, _verdict(ask, judged, _facts(home, judged), now), judged)


def preview_of(ledger: Reading, home: Home, verdict: HandVerdict) -> HandPreview | None:
    """The same of a verdict that is whole already; None for a case that was never read. Raises LedgerError."""
    judged = ledger.decision(verdict.case)
    return _previewed(ledger, home, verdict, judged) if judged else None


def _facts(home: Home, judged: Judged) -> Facts:
    return gather(judged.snapshot, judged.trails, home.policy.parameters, judged.decision.decided_at, judged.history)


def _previewed(ledger: Reading, home: Home, verdict: HandVerdict, judged: Judged) -> HandPreview:
    snapshot, own, facts = judged.snapshot, judged.decision, _facts(home, judged)
    plan, refused = _planned(ledger, home, verdict, judged, facts)
    # what it would come to is not known without a plan: then it counts as the whole claim
    above, stake = home.settings.limits.second_person_above, at_stake(verdict.verb, plan) if plan else snapshot.amount
    return HandPreview(
        verdict=verdict,
        claim=snapshot.amount,
        state=as_code(snapshot.state),
        type=as_code(snapshot.type),
        buyers_reason=snapshot.reason,
        deadline=snapshot.deadline.at.astimezone(SHANGHAI) if snapshot.deadline else None,
        looked_at=own.decided_at.astimezone(SHANGHAI),
        own=own.reasons,
        plan=plan,
        refused=refused or lacks_person(verdict, stake, above),
        needs_two=needs_two(verdict, stake, above),
        budgets=tuple(_budgets(ledger, home, verdict, judged, plan)) if plan else (),
    )


def _budgets(ledger: Reading, home: Home, verdict: HandVerdict, judged: Judged, plan: Plan) -> Iterator[HandBudget]:
    """The shop's and the buyer's, by what is posted and reserved today; a return that is agreed spends nothing yet."""
    if verdict.verb not in _SPENDS:
        return
    takes, limits = at_stake(verdict.verb, plan), home.settings.limits
    day = verdict.decided_at.astimezone(SHANGHAI).date().isoformat()
    used = {line.scope: line.posted + line.pending for line in ledger.budgets(day) if line.shop == verdict.case.shop}
    for kind, scope, cap in (
        ("shop", "shop", limits.shop_day),
        ("buyer", f"buyer:{judged.snapshot.buyer.name}", limits.buyer_day),
    ):
        left = Money(cap.fen - used.get(scope, ZERO).fen)
        yield HandBudget(kind=kind, left=left, after=Money(left.fen - takes.fen), cap=cap)


def _verdict(ask: HandAsk, judged: Judged, facts: Facts, now: datetime) -> HandVerdict:
    verb = agreeing_verb(judged.decision, facts) if ask.word is HandWord.AGREE else _VERBS.get(ask.word, Verb.HOLD)
    told = {name: getattr(ask, name) for name in (*HandDetails.model_fields, "by", "why", "approved_by")}
    seen = {"case": judged.snapshot.key, "fingerprint": judged.snapshot.fingerprint, "decided_at": now}
    try:
        return HandVerdict(**told, **seen, verb=verb, instead=_INSTEAD.get(ask.word, Instead.WAIT))
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, wrong["loc"]))
        raise ConfigError(f"{where}: {wrong['msg']}", code="decide.bad", target=where, raw=wrong["msg"]) from error


def _planned(
    ledger: Reading, home: Home, verdict: HandVerdict, judged: Judged, facts: Facts
) -> tuple[Plan | None, Reason | None]:
    """The plan of a deed, or why there is none; the page has the last word when it is carried out."""
    if not verdict.deed:
        return None, None
    if ledger.unknowns(verdict.case):
        return None, Reason(code="hand.unknown_first")
    allowed = next((shop.verbs for shop in home.settings.shop if shop.key == verdict.case.shop), ())
    if verdict.verb not in allowed:
        return None, Reason(code="brake.verb")
    plan = plan_by_hand(verdict, judged.decision, facts, home.policy)
    return (plan, None) if isinstance(plan, Plan) else (None, plan)


async def decide_by_hand(home: Home, verdict: HandVerdict, progress: Progress, stop: StopSignal) -> HandResult:
    """Carry a verdict out by the same protocol as the robot's own decisions, in a house and a browser opened for it.

    In a house that is open: `sweep_shops(house, host, Wanted(verdicts=…))`, then `hand_result`.

    Raises:
        ConfigError: no such shop. BrowserMissing. LedgerError: everything stops.
    """
    swept = await run_sweep(home, Wanted(verdicts=(verdict,)), progress, stop)
    with SqlReader(home.files.ledger) as reader:
        return hand_result(reader, swept, verdict)


def hand_result(ledger: Reading, swept: SweepResult, verdict: HandVerdict) -> HandResult:
    """What a sweep of the ledger made of one of its verdicts, on the shop that it is of."""
    shop = next((one for one in swept.shops if one.shop == str(verdict.case.shop)), None)
    line = next((one for one in _lines(ledger, swept) if one.case == verdict.case), None)
    stopped = (shop.stopped,) if shop and shop.stopped else ()
    reasons = line.reasons if line else stopped
    proven = [receipt.amount for intent, receipt in line.receipts if intent.hand] if line else []
    return HandResult(
        case=str(verdict.case),
        verb=verdict.verb,
        by=verdict.by,
        approved_by=verdict.approved_by,
        done=bool(proven) or any(reason.code == _CARRIED_OUT for reason in reasons),
        status=line.status if line else ledger.stands(verdict.case),
        reasons=reasons,
        moved_fen=sum(proven, start=Money(0)).fen,
        run_id=swept.run_id,
        report=swept.report,
        exit_code=_exit_code(swept, line),
    )


def _lines(ledger: Reading, swept: SweepResult) -> tuple[CaseLine, ...]:
    """The runs of this sweep are the ledger's newest, one a shop."""
    runs = ledger.runs(len(swept.shops)) if swept.run_id else ()
    return tuple(line for run in runs for line in ledger.lines(run))


def _exit_code(swept: SweepResult, line: CaseLine | None) -> ExitCode:
    """The sweep's own; a hold that was asked for is no trouble."""
    asked = line is not None and any(reason.code == "hand.waits" for reason in line.reasons)
    alone = swept.exit_code is ExitCode.HELD and asked and line is not None and line.status is CaseStatus.HELD
    return ExitCode.DONE if alone else swept.exit_code
