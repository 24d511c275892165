"""What is to be done about a case that was read: decided with all that is known, and ended here where no hand is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.domain.action import Verb
from bot.domain.case import PENDING, Snapshot
from bot.domain.courier import Trail
from bot.domain.decision import Decision, Reason
from bot.domain.evidence import EvidenceKind
from bot.domain.facts import Fact, Known
from bot.domain.ids import CaseKey
from bot.domain.outcome import CaseStatus
from bot.engine.autonomy import unearned
from bot.engine.decide import judge
from bot.engine.facts import waybills_of
from bot.engine.shadow import shadow_of
from bot.errors import PageError
from bot.ports.desks import CasePage
from bot.ports.progress import Stage
from bot.runner import calls
from bot.runner.byhand import ByHand, Read
from bot.runner.endings import End, Endings
from bot.runner.follow import left_of
from bot.runner.orders import Kit, Orders, Posture
from bot.runner.picking import passed_over
from bot.runner.settle import nobody_knows
from bot.runner.trailbook import TrailBook

WAITS = "wait."
"""Decisions whose first reason begins so wait for somebody else's step; no person is needed yet."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case read and judged, its page still open in its own tab; `hand` is the number of the person's verdict, if one decided.

    `unproven`: what the robot did to it before without anybody knowing the outcome; nothing else is done until a person lets go of it.
    """

    page: CasePage
    snapshot: Snapshot
    decision: Decision
    hand: int = 0
    trails: Mapping[str, Fact[Trail]] = field(default_factory=dict)
    unproven: Reason | None = None


class Judging:
    """One sweep's judge: the engine, a candidate in its shadow, and a person's verdict above both."""

    def __init__(self, kit: Kit, orders: Orders, by_hand: ByHand, endings: Endings) -> None:
        self._kit = kit
        self._orders = orders
        self._by_hand = by_hand
        self._endings = endings
        self._trails = TrailBook(kit.courier)

    async def judged(self, page: CasePage, snapshot: Snapshot) -> Prepared:
        """Decide with trails and history, and write down what it was decided from; a person's verdict goes before."""
        self._kit.progress.case(snapshot.key, Stage.DECIDING)
        trails = await self._trails.trails(waybills_of(snapshot))
        known = self._kit.ledger.history(snapshot, self._kit.floor.now())
        now = known.at or self._kit.floor.now()
        history = known.model_copy(update={"figures": self._orders.figures})
        policy = self._kit.policy(self._orders)
        decision = judge(snapshot, trails, policy, now, history)
        candidate = self._orders.shadow
        book = self._orders.shadow_book
        shadow = shadow_of(snapshot, trails, candidate, now, history, decision, book) if candidate else None
        self._kit.ledger.decided(self._orders.run, snapshot, trails, history, decision, shadow)
        if (verdict := self._by_hand.of(snapshot.key)) is not None:
            ruled = self._by_hand.rule(verdict, Read(snapshot, trails, history, policy, decision))
            return Prepared(page, snapshot, ruled.decision, ruled.hand, trails)
        if not _moved_on(snapshot) and (alarm := calls.risk(snapshot, decision)):
            self._kit.notifier.notify(alarm)
        return Prepared(page, snapshot, decision, trails=trails, unproven=self._unproven(snapshot.key))

    def _unproven(self, case: CaseKey) -> Reason | None:
        found = self._kit.ledger.unknowns(case)
        return nobody_knows(self._kit.ledger.intent(found[0]).action) if found else None

    def needs_hand(self, prepared: Prepared) -> bool:
        """Whether a click of ours comes next."""
        if prepared.decision.verb is Verb.HOLD or prepared.unproven or _moved_on(prepared.snapshot):
            return False
        if prepared.hand:
            return True
        acts = self._orders.posture is Posture.ACT and unearned(prepared.decision, self._orders.trust) is None
        return acts and self._passed_over(prepared) is None and self._by_hand.kept(prepared.snapshot.key) is None

    def _passed_over(self, prepared: Prepared) -> Reason | None:
        policy = self._kit.policy(self._orders)
        return passed_over(prepared.snapshot, prepared.decision, policy, self._orders.pick)

    async def conclude(self, prepared: Prepared) -> End:
        """A case without an action of ours: foreign, waiting, proposed, observed or held, with a picture for whoever looks."""
        key, decision = prepared.snapshot.key, prepared.decision
        if prepared.unproven is not None:
            held = self._endings.hold(key, (prepared.unproven, *decision.reasons), prepared.snapshot)
            return replace(held, unknown=True)
        if _moved_on(prepared.snapshot):
            return self._left(prepared.snapshot)
        if (kept := self._by_hand.kept(key)) is not None:
            why, by = kept
            return self._endings.hold(key, (why, *decision.reasons), prepared.snapshot, owner=by)
        if (other := self._passed_over(prepared)) is not None:
            return self._endings.end(key, CaseStatus.DECIDED, (other, *decision.reasons))
        if decision.verb is not Verb.HOLD:
            return self._proposed(key, decision, prepared.snapshot)
        return await self._held(prepared)

    async def _held(self, prepared: Prepared) -> End:
        """A hold of the robot's own: for a person, or until somebody else's step."""
        key, decision = prepared.snapshot.key, prepared.decision
        if decision.reasons and decision.reasons[0].code.startswith(WAITS):
            return self._endings.end(key, CaseStatus.WAITING, decision.reasons)
        if self._orders.pictures:
            await self._keep_picture(prepared)
        return self._endings.hold(key, decision.reasons, prepared.snapshot, owner=decision.owner)

    def _left(self, snapshot: Snapshot) -> End:
        left = left_of(snapshot)
        if self._by_hand.done_before(snapshot.key):
            return self._endings.end(snapshot.key, CaseStatus.DONE, (Reason(code="hand.done_before"),))
        self._endings.end(snapshot.key, left.status, (left.reason,))
        return End(left.status, refunded=left.refunded)

    async def _keep_picture(self, prepared: Prepared) -> None:
        """For whoever looks at the hold; a page that died meanwhile costs the picture, not the hold."""
        key = prepared.snapshot.key
        try:
            picture = await prepared.page.picture()
        except PageError:
            return
        kept = self._kit.evidence.put(picture, EvidenceKind.BEFORE, f"case:{key.aftersale_id}")
        self._kit.ledger.keep(self._orders.run, key, kept)

    def _proposed(self, key: CaseKey, decision: Decision, snapshot: Snapshot) -> End:
        reason = Reason(code=f"would.{self._orders.posture}")
        why = unearned(decision, self._orders.trust) if self._orders.posture is Posture.ACT else None
        if why is not None:
            held = self._endings.hold(key, (why, *decision.reasons), snapshot)
            return End(held.status, would=decision.verb)
        if self._orders.posture is Posture.PROPOSE:
            held = self._endings.hold(key, (reason, *decision.reasons), snapshot)
            return End(held.status, would=decision.verb)
        self._endings.end(key, CaseStatus.DECIDED, (reason, *decision.reasons))
        return End(CaseStatus.DECIDED, would=decision.verb)


def _moved_on(snapshot: Snapshot) -> bool:
    """The platform, the buyer or a colleague has already taken the case out of our hands (F22, F24)."""
    return isinstance(snapshot.state, Known) and snapshot.state.value not in PENDING
