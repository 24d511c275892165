"""The robot as a hand on a simulated world: the real judgement, the seller's own service for hands, a ledger in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.action import Verb
from bot.domain.case import Snapshot
from bot.domain.courier import Trail
from bot.domain.decision import Decision, Plan, Reason
from bot.domain.facts import Fact
from bot.domain.history import History
from bot.domain.money import Money
from bot.engine.decide import judge
from bot.engine.detectors import findings
from bot.engine.facts import gather
from bot.engine.fast import verdict_of
from bot.engine.plan import plan_of
from bot.engine.policy import Policy
from bot.engine.ruling import Cause
from flows.taobao.wording import REFUSALS
from simulator.scenarios.build import Built
from simulator.scenarios.people import Person
from simulator.world.errors import WorldError
from simulator.world.model import Actor, Case, CaseState
from tests.judgement.bridge import Bridge
from tests.judgement.register import Register

WAITS = "wait."
SPANS = frozenset({"waited_s", "hours_after_payment", "hours_after_shipping"})
"""Facts that change with nothing but time, beside `hours_left`."""

MONTHS = timedelta(days=180)
"""How long a seasoned ledger has been looking; a fresh one begins with the season."""


class CannotAct(Exception):
    """What the runner would hold the case for: the quote is too dear, the right is missing, the cap is reached."""


@dataclass
class Diary:
    """What the robot did in one season."""

    acts: list[tuple[str, str]] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)
    judged: int = 0


Watcher = Callable[[Case, Decision], None]
Judge = Callable[[Snapshot, Mapping[str, Fact[Trail]], Policy, datetime, History], Decision]


def swift(
    snapshot: Snapshot, trails: Mapping[str, Fact[Trail]], policy: Policy, now: datetime, history: History
) -> Decision:
    """The same decision from the compiled tables, without traces and flip: many seasons a minute (tests hold both together)."""
    facts = gather(snapshot, trails, policy.parameters, now, history)
    gist = verdict_of(facts, policy)
    plan, code = None, f"hold.{gist.cause.value}"
    if gist.cause is Cause.WAITS:
        code = "wait.strategy"
    elif gist.cause is Cause.DECIDED:
        strategy = next(one.strategy for one in policy.ranked if one.strategy.id == gist.strategy)
        plan, code = plan_of(strategy, facts, snapshot.amount, policy.parameters), f"decided.{gist.verb}"  # type: ignore[arg-type]  # who decides acts
    return Decision(
        case=snapshot.key,
        verb=gist.verb,
        plan=plan,
        reasons=(Reason(code=code, params={"strategy": gist.strategy}),),
        traces=(),
        flip=None,
        fingerprint="",
        policy_hash=policy.hash,
        decided_at=now,
        findings=findings(facts),
    )


class Robot:
    """Looks at every pending case, acts as the shop's account would, and leaves what it holds to a person.

    A case is judged again when anybody could have seen something new about it, when one of the policy's hours passes, and
    on a new business day; between those the same decision would come out. Where the policy asks for other spans of time, it
    is judged again every round.
    """

    def __init__(
        self,
        built: Built,
        policy: Policy,
        watcher: Watcher | None = None,
        judge: Judge = judge,
        *,
        seasoned: bool = True,
    ) -> None:
        self.diary = Diary()
        self._built = built
        self._world = built.world
        self._policy = policy
        self._bridge = Bridge(built)
        self._person = Person(built)
        self._register = Register(self._bridge.now() - MONTHS if seasoned else None)
        if seasoned:
            self._remember()
        self._watcher = watcher
        self._judge = judge
        self._by_the_clock = bool(SPANS & set(policy.edges))
        self._judged: dict[str, tuple[object, ...]] = {}
        self._fresh: set[str] = set()
        self._waiting: set[str] = set()
        built.world.store.watchers.append(lambda case: self._fresh.add(case.aftersale_id))

    def _remember(self) -> None:
        """What a robot that has worked here for months has seen: the shop's earlier after-sales."""
        for case in self._world.store.cases.values():
            if case.background:
                self._register.saw(self._bridge.snapshot(case), self._bridge.now())

    def look(self, case: Case) -> None:
        """One look of one sweep."""
        mark = self._mark(case)
        if case.aftersale_id in self._fresh or self._judged.get(case.aftersale_id) != mark:
            self._judged[case.aftersale_id] = mark
            self._fresh.discard(case.aftersale_id)
            self._work(case)
        elif case.aftersale_id not in self._waiting:
            self._person.look(case)

    def _mark(self, case: Case) -> tuple[object, ...]:
        now = self._world.now()
        left = None if case.deadline_at is None else int((case.deadline_at - now).total_seconds() // 3600)
        edges = self._policy.edges.get("hours_left", ())
        ticks = now if self._by_the_clock else now.date()
        return (ticks, *(left is not None and left <= edge for edge in edges))

    def _work(self, case: Case) -> None:
        snapshot = self._bridge.snapshot(case)
        trails = self._bridge.trails(snapshot)
        now = self._bridge.now()
        history = self._register.history(snapshot, now)
        decision = self._judge(snapshot, trails, self._policy, now, history)
        self._register.saw(snapshot, now)
        self.diary.judged += 1
        if self._watcher is not None:
            self._watcher(case, decision)
        self._follow(case, decision)

    def _follow(self, case: Case, decision: Decision) -> None:
        self._waiting.discard(case.aftersale_id)
        if decision.verb is not Verb.HOLD:
            try:
                self._act(case, decision.verb, decision.plan)
            except (CannotAct, WorldError) as error:
                self._hold(case, str(error))
            return
        if decision.reasons[0].code.startswith(WAITS):
            self._waiting.add(case.aftersale_id)
        else:
            self._hold(case, decision.reasons[0].code)

    def _hold(self, case: Case, why: str) -> None:
        self.diary.held.setdefault(case.aftersale_id, why)
        self._person.look(case)

    # ---- the hand ---------------------------------------------------------------------------------------------------

    def _act(self, case: Case, verb: Verb, plan: Plan | None) -> None:
        acts: Mapping[Verb, Callable[[Case, Actor, Plan], None]] = {
            Verb.AGREE_REFUND: self._agree_refund,
            Verb.AGREE_RETURN: self._agree_return,
            Verb.REFUSE: self._refuse,
            Verb.INTERCEPT: self._intercept,
            Verb.REMARK: self._remark,
        }
        if plan is None or verb not in acts:
            raise CannotAct(f"no hand for {verb}")
        right, actor = self._built.labels.of(case), self._bridge.session(case.shop_id).actor
        acts[verb](case, actor, plan)
        self._waiting.add(case.aftersale_id)
        self._note(case, verb, right)
        if plan.remark and verb is not Verb.REMARK:
            self._remark(case, actor, plan)
            self._note(case, Verb.REMARK, right)

    def _note(self, case: Case, verb: Verb, right: list[str]) -> None:
        self.diary.acts.append((case.aftersale_id, verb.value))
        if verb.value not in right:
            self.diary.outside.append(f"{case.aftersale_id} ({case.truth.archetype}): {verb.value}, right: {right}")

    def _agree_refund(self, case: Case, actor: Actor, plan: Plan) -> None:
        amount = plan.amount or Money(0)
        self._reserve(plan, amount)
        pays = self._world.confirm_receipt if case.state is CaseState.WAIT_SELLER_RECEIVE else self._world.agree_refund
        pays(actor, case.aftersale_id, amount.fen, case.version)
        self._register.paid(case.aftersale_id, plan.strategy, amount, self._bridge.now())

    def _agree_return(self, case: Case, actor: Actor, plan: Plan) -> None:
        address = self._world.return_addresses(actor)[0].address_id
        amount = (plan.amount or Money(0)).fen
        self._world.agree_return(actor, case.aftersale_id, amount, case.version, address, plan.message)

    def _refuse(self, case: Case, actor: Actor, plan: Plan) -> None:
        if plan.refusal is None:
            raise CannotAct("a refusal without a reason")
        form = self._world.refusal_form(actor, case.aftersale_id)
        reason = next((key for key, words in form.reasons if words == REFUSALS[plan.refusal]), "")
        shas = [self._proof(case, actor, kind.value) for kind in plan.proofs]
        amount = (plan.amount or Money(0)).fen
        told = actor, case.aftersale_id, amount, case.version, reason, plan.message
        self._world.refuse(*told, shas, force=plan.without_proof_allowed)
        self._register.refused(case.aftersale_id)

    def _proof(self, case: Case, actor: Actor, kind: str) -> str:
        picture = b"\x89PNG\r\n\x1a\n" + f"{case.aftersale_id}/{kind}".encode()
        return self._world.upload_proof(actor, case.aftersale_id, picture).sha256

    def _intercept(self, case: Case, actor: Actor, plan: Plan) -> None:
        """The checks of `bot.runner.compose`: feasible, no other goods, within the strategy's fee."""
        quote = self._world.intercept_quote(actor, case.aftersale_id, case.version)
        if not quote.feasible or quote.other_goods:
            raise CannotAct("intercept.infeasible")
        if plan.max_fee is None or quote.fee_fen > plan.max_fee.fen:
            raise CannotAct("intercept.fee")
        self._reserve(plan, Money(quote.fee_fen))
        self._world.intercept_commit(actor, case.aftersale_id, case.version, quote.waybill, quote.fee_fen)
        self._register.spend(plan.strategy, Money(quote.fee_fen), self._bridge.now())

    def _remark(self, case: Case, actor: Actor, plan: Plan) -> None:
        self._world.remark(actor, case.aftersale_id, plan.remark)

    def _reserve(self, plan: Plan, amount: Money) -> None:
        """The ledger's last line: spent + this > cap is never armed (domain.md 45)."""
        cap = plan.strategy_cap_day
        if cap is not None and self._register.spent(plan.strategy, self._bridge.now()) + amount > cap:
            raise CannotAct("cap.strategy_day")
