"""A person's verdict held against the page: their deed as a decision of its own, or a hold that says why nothing is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.action import Verb
from bot.domain.base import SHANGHAI
from bot.domain.case import PENDING, Snapshot
from bot.domain.courier import Trail
from bot.domain.decision import Decision, Plan, Reason
from bot.domain.facts import Fact, value_or_none
from bot.domain.hand import HandVerdict, Instead
from bot.domain.history import History
from bot.domain.ids import CaseKey
from bot.domain.money import ZERO
from bot.domain.outcome import CaseStatus
from bot.engine.changes import changes
from bot.engine.facts import gather
from bot.engine.hand import plan_by_hand
from bot.engine.policy import Policy
from bot.engine.ruling import LAST_HOURS
from bot.engine.second_person import at_stake, lacks_person
from bot.errors import NotAllowed
from bot.ports.ledger import HandTold
from bot.runner.brakes import Brakes
from bot.runner.orders import Kit, Orders

GOOD_FOR = timedelta(hours=1)
"""A verdict older than this is asked for anew: what was in the person's mind then may not be by now."""

CLOCKS_APART = timedelta(minutes=5)
"""How far a verdict may lie ahead of this PC's clock: one from tomorrow would never grow old."""

LEFT_ALONE = timedelta(hours=24)
"""How long a case is left alone that names no moment and has no deadline."""

_CARRIED = frozenset({CaseStatus.DONE, CaseStatus.WAITING})
"""How a case stands after a deed; one that came back, or went to a person since, is looked at as any other."""


@dataclass(frozen=True, slots=True)
class Read:
    """A page with what the robot makes of it."""

    snapshot: Snapshot
    trails: Mapping[str, Fact[Trail]]
    history: History
    policy: Policy
    own: Decision


@dataclass(frozen=True, slots=True)
class Ruled:
    """The decision that came of a verdict, and the verdict's number in the ledger; 0 where no hand moves."""

    decision: Decision
    hand: int


class ByHand:
    """The verdicts of one sweep; each is written down with what becomes of it before anything is armed."""

    def __init__(self, kit: Kit, orders: Orders, brakes: Brakes) -> None:
        self._kit = kit
        self._orders = orders
        self._brakes = brakes
        self._done: set[CaseKey] = set()
        self._released: set[CaseKey] = set()

    def of(self, case: CaseKey) -> HandVerdict | None:
        """The verdict on a case; None in a sweep of the robot's own."""
        return self._orders.verdicts.get(case)

    def before_reading(self, case: CaseKey) -> CaseStatus | None:
        """How a case stands whose verdict is carried out already, after a crash or a second click: nothing is done again."""
        verdict = self.of(case)
        stands = self._kit.ledger.stands(case) if verdict else CaseStatus.SEEN
        if stands is CaseStatus.DONE:
            self._done.add(case)
        if verdict is None or not verdict.deed or stands not in _CARRIED:
            return None
        return stands if self._kit.ledger.carried_out(case, verdict.verb, verdict.fingerprint) else None

    def done_before(self, case: CaseKey) -> bool:
        """Whether a case that the page shows as over was done by us before this sweep looked at it."""
        return case in self._done

    def in_doubt(self, case: CaseKey) -> tuple[Reason, ...]:
        """Why nothing is done on a case with an action of ours whose outcome nobody can tell; empty where there is none."""
        verdict = self.of(case)
        found = self._kit.ledger.unknowns(case) if verdict else ()
        if verdict is None or not found:
            return ()
        action = self._kit.ledger.intent(found[0]).action
        why = self._release_barred(verdict) or Reason(code="hand.still_unknown")
        reasons = (why, Reason(code="hand.unknown", params={"verb": action.verb}))
        if case not in self._released:
            self.write(verdict, self._hold(verdict, reasons), None)
        return reasons

    def may_release(self, verdict: HandVerdict) -> bool:
        """Whether the open actions of the case are read back: it is written down first, and two persons said so."""
        if verdict.instead is not Instead.RELEASE or verdict.deed or self._release_barred(verdict):
            return False
        if self._kit.ledger.unknowns(verdict.case):
            self.write(verdict, self._hold(verdict, (_said("hand.released", verdict),)), None)
            self._released.add(verdict.case)
        return verdict.case in self._released

    def _release_barred(self, verdict: HandVerdict) -> Reason | None:
        if verdict.deed or verdict.instead is not Instead.RELEASE:
            return Reason(code="hand.unknown_first")
        return self._expired(verdict) or lacks_person(verdict, ZERO, self._orders.second_person_above)

    def rule(self, verdict: HandVerdict, read: Read) -> Ruled:
        """Write the verdict down with what becomes of it on this page."""
        said = self._ruling(verdict, read)
        if isinstance(said, Plan):
            decision = self._decision(verdict, read, said)
            return Ruled(decision, self.write(verdict, decision, read.own))
        why, until = said
        decision = self._decision(verdict, read, None, why)
        if verdict.case not in self._released:
            self.write(verdict, decision, read.own, until)
        return Ruled(decision, 0)

    def _ruling(self, verdict: HandVerdict, read: Read) -> Plan | tuple[tuple[Reason, ...], datetime | None]:
        """The plan of a deed, or the reasons of a hold and until when the case is left alone."""
        barred = self._barred(verdict, read)
        if barred:
            return barred, None
        if not verdict.deed:
            return self._instead(verdict, read.snapshot)
        plan = self._plan(verdict, read)
        return plan if isinstance(plan, Plan) else ((plan,), None)

    def _barred(self, verdict: HandVerdict, read: Read) -> tuple[Reason, ...]:
        """What stands in the way of any verdict: its age, its people, and a page that is another one by now."""
        if why := self._expired(verdict) or lacks_person(verdict, ZERO, None):
            return (why,)
        state = value_or_none(read.snapshot.state)
        if state is None or state not in PENDING:
            # told by the page itself where its state is known; a state that nobody knows is offered no control
            return (_said("hand.not_pending", verdict),)
        if (verdict.deed or verdict.instead is Instead.WAIT) and read.snapshot.fingerprint != verdict.fingerprint:
            return tuple(self._changed(verdict, read.snapshot))
        return ()

    def _plan(self, verdict: HandVerdict, read: Read) -> Plan | Reason:
        """All that is asked before anything is armed: allow-list, page, platform, people."""
        try:
            self._brakes.check_verb(verdict.verb, by_hand=True)
        except NotAllowed as error:
            return Reason(code=error.reason_code, params=error.params)
        facts = gather(read.snapshot, read.trails, read.policy.parameters, read.own.decided_at, read.history)
        plan = plan_by_hand(verdict, read.own, facts, read.policy)
        if isinstance(plan, Reason):
            return plan
        return lacks_person(verdict, at_stake(verdict.verb, plan), self._orders.second_person_above) or plan

    def _expired(self, verdict: HandVerdict) -> Reason | None:
        fresh = -CLOCKS_APART <= self._kit.clock.now() - verdict.decided_at <= GOOD_FOR
        return None if fresh else Reason(code="hand.expired", params={"at": _moment(verdict.decided_at)})

    def _changed(self, verdict: HandVerdict, now: Snapshot) -> Iterator[Reason]:
        yield _said("hand.changed", verdict)
        before = self._kit.ledger.seen_as(verdict.case, verdict.fingerprint)
        yield from changes(before, now) if before else (Reason(code="hand.never_seen"),)

    def _instead(self, verdict: HandVerdict, page: Snapshot) -> tuple[tuple[Reason, ...], datetime | None]:
        match verdict.instead:
            case Instead.ELSEWHERE:
                return (_said("hand.still_pending", verdict),), None
            case Instead.RELEASE:
                code = "hand.released" if verdict.case in self._released else "hand.nothing_unknown"
                return (_said(code, verdict),), None
            case Instead.WAIT:
                return self._wait(verdict, page)

    def _wait(self, verdict: HandVerdict, page: Snapshot) -> tuple[tuple[Reason, ...], datetime | None]:
        """Left alone at the longest until the last hours before the deadline: none passes in silence (I22)."""
        now = self._kit.floor.now()
        latest = page.deadline.at - timedelta(hours=LAST_HOURS) if page.deadline else None
        until = verdict.again_at or latest or now + LEFT_ALONE
        if not now < until <= (latest or until):
            told = {"at": _moment(until), "latest": _moment(latest) if latest else ""}
            return (Reason(code="hand.no_time", params=told),), None
        return (_said("hand.waits", verdict, at=_moment(until)),), until

    def write(
        self, verdict: HandVerdict, decision: Decision, own: Decision | None, until: datetime | None = None
    ) -> int:
        """The verdict's number in the ledger."""
        above = self._orders.second_person_above
        told = HandTold(verdict=verdict, decision=decision, own=own, second_above=above, until=until)
        return self._kit.ledger.decided_by_hand(self._orders.run, told)

    def _decision(self, verdict: HandVerdict, read: Read, plan: Plan | None, why: tuple[Reason, ...] = ()) -> Decision:
        """The person's, or a hold with its reasons before the robot's own: the next one who looks sees both."""
        said = (_said("hand.decided", verdict),) if plan else (*why, *read.own.reasons)
        owner = verdict.by if why and why[0].code == "hand.waits" else read.own.owner
        told = {
            "verb": verdict.verb if plan else Verb.HOLD,
            "plan": plan,
            "reasons": said,
            "owner": owner,
            "flip": None,
        }
        return read.own.model_copy(update=told)

    def _hold(self, verdict: HandVerdict, reasons: tuple[Reason, ...]) -> Decision:
        """Where the page was not read."""
        return Decision(
            case=verdict.case,
            verb=Verb.HOLD,
            plan=None,
            reasons=reasons,
            traces=(),
            flip=None,
            fingerprint=verdict.fingerprint,
            policy_hash=self._kit.policy(self._orders).hash,
            decided_at=self._kit.floor.now(),
        )

    def kept(self, case: CaseKey) -> tuple[Reason, str] | None:
        """Why the robot leaves a case alone, and whose it is: a person said so, and their time is not up."""
        left = self._kit.ledger.parked(case) if self.of(case) is None else None
        if left is None or left.until <= self._kit.floor.now():
            return None
        return Reason(code="hand.parked", params={"by": left.by, "at": _moment(left.until)}), left.by


def _said(code: str, verdict: HandVerdict, **more: str) -> Reason:
    by = f"{verdict.by} + {verdict.approved_by}" if verdict.approved_by else verdict.by
    return Reason(code=code, params={"by": by, "why": verdict.why, "verb": verdict.verb, **more})


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
