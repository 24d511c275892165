"""An office over nothing: the same nouns, and everything that is asked of it written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.catalogue import Catalogue
from bot.domain.action import Mark, RefusalReason, Verb
from bot.domain.base import Sha256
from bot.domain.case import Control, Snapshot
from bot.domain.decision import Decision, Plan, ProofKind, Reason
from bot.domain.history import UNASKED
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.engine.policy import Policy
from bot.engine.second_person import at_stake, needs_two
from bot.errors import EvidenceRefused
from bot.ports.deciding import HandBudget, HandPreview
from bot.ports.exits import ExitCode
from bot.ports.ledger import Judged
from bot.ports.monitor import HitFilters, HitLine, HitTotal, MonitorResult
from bot.ports.notifier import Urgency
from bot.ports.office_views import (
    AlarmLine,
    Answer,
    AuditView,
    Breach,
    BudgetView,
    CaseFile,
    CaseFilter,
    CaseList,
    CaseRow,
    Check,
    DayView,
    Due,
    Happening,
    IntentLine,
    LookView,
    Mistake,
    NextRun,
    Person,
    PolicyView,
    Role,
    RunLine,
    ServiceView,
    SessionView,
    ShopView,
    Signoff,
    StrategyLine,
    Told,
    Trial,
    Unavailable,
    UnderWay,
    Version,
)
from bot.ports.rehearsal import BacktestResult, CourseLine, FlipLine
from bot.ports.results import DryRun, ShopSweep, SweepResult, WouldDo
from bot.ports.status import BudgetStatus, LiabilityStatus
from bot.ports.wanted import HandVerdict, Wanted
from tests.unit.engine.builders import NOW, changed, received, shipped_policy
from tests.unit.report.runs import Store, key, line, png, said_everywhere

LOOK = "look-1"
LINK = "ms-1.99.signed"
SHOP = ShopKey(platform="taobao", shop_id="s1")
OTHER = ShopKey(platform="taobao", shop_id="s2")
PEOPLE = tuple(Person(name=role.value, role=role) for role in Role)
LIMIT, MORE = Money(50_000), Money(100)
PICTURES = Store(png(size=(64, 40)))


def person(role: Role) -> Person:
    return next(one for one in PEOPLE if one.role is role)


def judged_as(decision: Decision, seen: Snapshot) -> Judged:
    return Judged(snapshot=seen, trails={}, history=UNASKED, decision=decision)


@dataclass
class FakeOffice:
    """`payload` stands in every field that a stranger may fill, in the merchant's own and in `ids` too unless these are given; `acts` is what somebody did."""

    payload: str = "想退"
    named: str = ""
    ids: str = ""
    language: str = "en"
    serves: bool = True
    unproven: bool = False
    broken: tuple[Mistake, ...] = ()
    status: CaseStatus = CaseStatus.HELD
    acts: list[tuple[object, ...]] = field(default_factory=list)
    people: tuple[Person, ...] = PEOPLE
    home: str = "/srv/shop"
    limit: Money | None = LIMIT
    moved: Money | None = MORE
    seq: int = 1
    fails: bool = False
    left_s: int | None = 571
    window: bool = True
    looks: str = "seen"
    refused: Reason | None = None
    asked_by: str = "operator"
    asked_verdict: dict[str, Any] = field(default_factory=dict)
    asked_policy: str = '{"text": "cap = 2 # <b>x</b>", "base": "' + "c" * 64 + '"}'
    passed: timedelta = timedelta()
    first: int = 1
    under_way: UnderWay | None = None

    def now(self) -> datetime:
        if self.fails:
            raise RuntimeError("canary-of-a-crash /srv/secret")
        return NOW + self.passed

    def rules(self) -> Policy:
        return shipped_policy()

    def marks(self) -> Mapping[str, str]:
        return {
            "ledger": str(self.seq),
            "brakes": str(self.stopped()),
            "sessions": str(self.left_s is None),
            "clock": str(self.passed),
        }

    def stopped(self) -> bool:
        return any(act[0] == "stop" for act in self.acts)

    def day(self) -> DayView:
        due = Due(case=key(1), status=CaseStatus.HELD, amount=Money(12_900), deadline=NOW + timedelta(hours=3))
        over = due.model_copy(update={"case": key(2), "deadline": NOW - timedelta(hours=1)})
        sums = {"agreed": Money(100), "agreed_cases": 1, "at_risk": Money(12_900), "at_risk_cases": 1, "holds": 1}
        asked = tuple(one.asked_by for one in self.signoffs() if one.state == "open")
        return DayView(**sums, due=(due,), overdue=(over,), overdue_cases=7, asked=asked)

    def shops(self) -> tuple[ShopView, ...]:
        run = RunLine(id="run-1", opened_at=NOW, closed_at=None, posture="act", summary={})
        near = LiabilityStatus(rate="0.1", cases=3, cases_left=2, near=True)
        shown: dict[str, Any] = {
            "key": SHOP,
            "name": self.named or self.payload,
            "posture": "act",
            "verbs": ("refuse",),
        }
        return (
            ShopView(**shown, counts={CaseStatus.HELD: 1}, breaker=self.payload, last_run=run, liability=near),
            ShopView(**{**shown, "key": OTHER, "posture": "observe"}, counts={}, usual="act", season="off_hours"),
        )

    def service(self) -> ServiceView | Unavailable:
        return ServiceView(alive=True, heartbeat=NOW) if self.serves else Unavailable(part="service")

    def next_runs(self) -> tuple[NextRun, ...] | Unavailable:
        run = NextRun(at=NOW, shop=SHOP, what=Reason(code="office.sweep_asked"))
        return (run,) if self.serves else Unavailable(part="service")

    def sessions(self) -> tuple[SessionView, ...] | Unavailable:
        if not self.serves:
            return Unavailable(part="sessions")
        other = SessionView(shop=OTHER, since=None, waits_for_person=True, left_s=self.left_s, window=self.window)
        return (SessionView(shop=SHOP, since=NOW - timedelta(hours=5)), other)

    def plots(self, say: Catalogue) -> Sequence[str]:
        return ("<svg></svg>",)

    def cases(self, wanted: CaseFilter, after: str, limit: int) -> CaseList:
        row = CaseRow(
            case=key(self.first),
            order_id=self.ids or self.payload,
            status=self.status,
            amount=Money(12_900),
            type="refund_shipped",
            deadline=NOW + timedelta(hours=1),
            changed_at=NOW,
            owner=self.payload,
            buyer=self.payload,
            reasons=(Reason(code="error.page.unreadable", params={"detail": self.payload, "raw": self.payload}),),
            under_way=self.under_way,
        )
        odd = row.model_copy(
            update={
                "case": CaseKey(platform="taobao", shop_id="s1", aftersale_id=self.ids or self.payload),
                "under_way": None,
            }
        )
        return CaseList(rows=(row, odd), following="x", total=2, amount=Money(25_800))

    def case(self, case: CaseKey) -> CaseFile | None:
        if case.aftersale_id == "nobody":
            return None
        told = said_everywhere(self.payload)[0] if self.payload != "想退" else line(1, received())
        assert told.snapshot is not None
        every = changed(told.snapshot, {"controls": frozenset(Control)})
        if self.unproven:
            told = replace(told, reasons=(Reason(code="settle.unknown", params={"verb": "refuse", "amount": "¥1.00"}),))
        told = replace(
            told,
            status=self.status,
            snapshot=every,
            evidence=PICTURES.evidence(),
            owner=self.payload,
            deadline=NOW + timedelta(hours=1),
        )
        happened = Happening(seq=7, at=NOW, kind="case.decided", run="r", facts={"verb": "refuse"}, hash="h")
        by_hand = Happening(
            seq=8,
            at=NOW,
            kind="office.did",
            run="",
            facts={"did": "unmasked"},
            hash="h",
            by=self.named or self.payload,
            why=self.payload,
        )
        intent = IntentLine(
            id="i", verb=Verb.REFUSE, mark=Mark.SETTLED, armed_at=NOW, fired_at=NOW, sent_at=NOW, ended_at=NOW
        )
        return CaseFile(
            line=told,
            trails={},
            decisions=() if told.decision is None else (judged_as(told.decision, every),),
            events=(happened, by_hand),
            intents=(intent,),
            policy=shipped_policy(),
            kept={},
            shop_name=self.named or self.payload,
            posture="act",
            verbs=("refuse",),
            under_way=self.under_way if case == key(1) else None,
        )

    def preview(self, verdict: HandVerdict, signoff: str = "") -> HandPreview | None:
        way = self.under_way
        refused = way.refusal if way and not (signoff and way.signoff == signoff) else self.refused
        plan = Plan(
            strategy="person:x",
            amount=None if verdict.verb is Verb.INTERCEPT else verdict.amount or Money(12_900),
            max_fee=(verdict.max_fee or Money(2_000)) if verdict.verb is Verb.INTERCEPT else None,
            refusal=(verdict.refusal or RefusalReason.SIGNED_FOR) if verdict.verb is Verb.REFUSE else None,
            message=verdict.message or self.payload,
            proofs=(ProofKind.TRAIL,) if verdict.verb is Verb.REFUSE else (),
        )
        shop = HandBudget(kind="shop", left=Money(50_000), after=Money(37_100), cap=Money(90_000))
        buyer = shop.model_copy(update={"kind": "buyer", "after": Money(-100)})
        return HandPreview(
            verdict=verdict, claim=Money(12_900), state="", type="", buyers_reason=self.payload, deadline=None, looked_at=NOW,
            own=(), plan=None if refused else plan, refused=refused, budgets=(shop, buyer),
            needs_two=needs_two(verdict, at_stake(verdict.verb, plan), self.limit),
        )  # fmt: skip

    def find(self, aftersale_id: str) -> tuple[CaseKey, ...]:
        return (key(1),) if aftersale_id == key(1).aftersale_id else ()

    def picture(self, sha256: Sha256) -> bytes:
        if sha256 not in PICTURES.kept:
            raise EvidenceRefused("gone", code="evidence.missing")
        return PICTURES.get(sha256)

    def hits(self, since: date, filters: HitFilters) -> MonitorResult:
        shown: dict[str, Any] = {
            "day": since.isoformat(),
            "shop": str(SHOP),
            "scene": "",
            "strategy": "s",
            "name": self.named or self.payload,
        }
        hit = HitLine(
            **shown,
            at=NOW,
            aftersale_id=self.ids or self.payload,
            order_id=self.ids or self.payload,
            verb="refuse",
            reason=self.payload,
            asked_fen=100,
            posted_fen=0,
            pending_fen=0,
        )
        total = HitTotal(**shown, cases=1, posted_fen=0, pending_fen=0)
        return MonitorResult(since=since.isoformat(), hits=(hit,), totals=(total,))

    def policy(self) -> PolicyView:
        shown: dict[str, Any] = {"name": self.payload, "verb": "refuse", "scene": "", "line": 3, "group": "own"}
        first = StrategyLine(id="one", on=True, rank=10, cap_day=Money(100), **shown)
        second = StrategyLine(id="two", on=False, rank=20, **shown)
        return PolicyView(
            name=self.payload, text=f"# {self.payload}\n", hash="b" * 64, strategies=(first, second), broken=self.broken
        )

    def versions(self) -> tuple[Version, ...]:
        return (Version(hash="a" * 64, name=self.payload, kept_at=NOW, current=False),)

    def version_text(self, policy_hash: str) -> str:
        return {"a" * 64: f"# {self.payload} before\n", "c" * 64: "cap = 1\n"}.get(policy_hash, "")

    def check(self, text: str, say: Catalogue) -> Check:
        return Check(whole="bad" not in text, findings=(Told(line=2, severity="error", what=self.payload),))

    def rehearse(self, text: str, days: int, say: Catalogue) -> Trial:
        check = self.check(text, say)
        return Trial(check=check, rehearsal=self._rehearsal() if check.whole and self.moved is not None else None)

    def _rehearsal(self) -> BacktestResult:
        flip = FlipLine(
            case="taobao/s1/1", at="", claim_fen=1, was="refuse", was_strategy="", now="agree_refund", now_strategy="",
            moved_fen=1, risk_fen=1, unproven=False, why=(self.payload,),
        )  # fmt: skip
        counts = dict.fromkeys(
            ("skipped", "same_policy", "paid_less_fen", "refused_more", "refused_more_fen", "unproven", "unproven_fen",
             "sooner", "uncovered_total"), 0,
        )  # fmt: skip
        return BacktestResult(
            candidate="c", candidate_hash="c", since="", first="", last="", decisions=1, flips_total=1, flips=(flip,),
            riskiest=(flip,), paid_more_fen=self.moved.fen if self.moved else 0, uncovered=(), seconds=0.1,
            totals=(CourseLine(course="refuse", was=1, was_fen=0, now=0, now_fen=0),), **counts,
        )  # fmt: skip

    def budgets(self) -> tuple[BudgetView, ...]:
        shop = BudgetStatus(shop=str(SHOP), scope="shop", posted_fen=50, pending_fen=40, cap_fen=100)
        buyer = BudgetStatus(shop=str(SHOP), scope=f"buyer:{self.payload}", posted_fen=1, pending_fen=0)
        return (BudgetView(line=shop), BudgetView(line=buyer))

    def alarms(self, limit: int) -> tuple[AlarmLine, ...]:
        told = Reason(code="error.page.unreadable", params={"detail": self.payload, "raw": self.payload})
        alarm = AlarmLine(
            id="al-1",
            at=NOW,
            urgency=Urgency.CALL,
            shop=SHOP,
            case_id=self.ids or self.payload,
            reason=told,
            amount=Money(12_900),
            deadline=NOW + timedelta(hours=3),
            takes_acknowledgement=True,
        )
        return (alarm, alarm.model_copy(update={"acknowledged_by": self.named or self.payload, "acknowledged_at": NOW}))

    def audit(self, anchor: tuple[int, str] | None) -> AuditView:
        breach = Breach(row=self.payload, reason=Reason(code="audit.unreadable", params={"detail": self.payload}))
        return AuditView(ok=False, events=7, head="f" * 64, at=NOW, checks=(("I2", ()), ("I13", (breach,))))

    def head(self) -> tuple[int, str]:
        return 7, "f" * 64

    def signoffs(self) -> tuple[Signoff, ...]:
        verdict = HandVerdict(
            case=key(1), by="operator", why=self.payload, decided_at=NOW,
            **{"verb": Verb.REFUSE, "fingerprint": "f", **self.asked_verdict},
        )  # fmt: skip
        return (self.asks("verdict", verdict.model_dump_json()), self.asks("policy", self.asked_policy))

    def asks(self, kind: Any, body: str, **told: Any) -> Signoff:
        shown: dict[str, Any] = {
            "id": f"so-{kind}",
            "about": "x",
            "why": self.payload,
            "asked_at": NOW,
            "state": "open",
        }
        return Signoff(kind=kind, body=body, **{**shown, "asked_by": self.asked_by, **told})

    def doings(self, limit: int) -> tuple[Happening, ...]:
        facts: dict[str, object] = {"did": "decided", "case": self.ids or self.payload}
        told = Happening(
            seq=7,
            at=NOW,
            kind="office.did",
            run="",
            facts=facts,
            hash="h",
            by=self.named or self.payload,
            why=self.payload,
        )
        return (told, told.model_copy(update={"facts": {"did": "stopped"}}))

    def _did(self, *act: object) -> Answer:
        self.acts.append(act)
        return Answer(kind="done", told=Reason(code="office.sweep_asked"))

    def unmask(self, case: CaseKey, person: Person, why: str) -> None:
        self._did("unmask", case.aftersale_id, person.name, why)

    def stop(self, person: Person) -> Answer:
        return self._did("stop", person.name)

    def resume(self, person: Person) -> Answer:
        return self._did("resume", person.name)

    def close_breaker(self, shop: ShopKey, person: Person) -> Answer:
        return self._did("breaker", str(shop), person.name)

    def end_sign_in(self, shop: ShopKey, person: Person) -> Answer:
        return self._did("end_sign_in", str(shop), person.name)

    def save_policy(self, text: str, base: str, person: Person, why: str, moved: Money | None) -> Answer:
        return self._did("save", text, base, person.name, why, moved)

    def switch(self, strategy: str, person: Person, *, on: bool) -> Answer:
        return self._did("switch", strategy, person.name, on)

    def reorder(self, wanted: Sequence[str], person: Person) -> Answer:
        return self._did("reorder", tuple(wanted), person.name)

    def acknowledge(self, alarm: str, person: Person) -> Answer:
        return self._did("acknowledge", alarm, person.name)

    def alarms_by_link(self, token: str) -> tuple[AlarmLine, ...]:
        return self.alarms(1) if token == LINK else ()

    def acknowledge_by_link(self, token: str) -> Answer:
        return (
            self._did("acknowledge_by_link", token, "")
            if token == LINK
            else Answer(kind="refused", told=Reason(code="office.was_acknowledged"))
        )

    async def decide(self, verdict: HandVerdict, person: Person) -> Answer:
        return self._did("decide", verdict, person.name)

    async def sweep(self, wanted: Wanted, person: Person) -> Answer:
        return self._did("sweep", str(wanted.shop or ""), person.name)

    async def enter(self, shop: ShopKey, person: Person, *, anew: bool) -> Answer:
        return self._did("enter", str(shop), person.name, anew)

    async def look(self, wanted: Wanted, person: Person) -> str:
        self.wanted = wanted
        self._did("look", wanted, person.name)
        return LOOK if self.serves else ""

    def looked(self, look: str) -> LookView | None:
        if look != LOOK:
            return None
        told: dict[str, Any] = {"id": LOOK, "by": "approver", "asked_at": NOW, "wanted": Wanted(), "state": self.looks}
        if self.looks == "failed":
            return LookView(**told, why=Reason(code="brake.kill"))
        return LookView(**told, dry=None if self.looks == "asked" else self._dry(), once="once-word", seen_at=NOW)

    def _dry(self) -> DryRun:
        shop = ShopSweep(shop=str(SHOP), name=self.named or self.payload, stopped=Reason(code="brake.kill"))
        swept = SweepResult(
            run_id="r", shops=(shop,), report="", not_found=(self.ids or self.payload,), exit_code=ExitCode.DONE
        )
        barred = Reason(code="would.propose")
        would = tuple(
            WouldDo(
                case=str(key(number)), aftersale_id=self.ids or self.payload, verb=verb, amount_fen=fen, deadline=NOW,
                why=Reason(code="error.page.unreadable", params={"detail": self.payload, "raw": self.payload}), barred=why,
            )
            for number, verb, fen, why in (
                (1, Verb.AGREE_REFUND, 20_000, None), (2, Verb.REFUSE, 9_000, None), (3, Verb.AGREE_REFUND, 500, barred),
            )
        )  # fmt: skip
        return DryRun(sweep=swept, would=would, then=Wanted(), exit_code=ExitCode.DONE)

    async def confirm(self, look: str, once: str, person: Person) -> Answer:
        return self._did("confirm", look, once, person.name)

    async def sign(self, signoff: str, person: Person, *, agrees: bool) -> Answer:
        return self._did("sign", signoff, person.name, agrees)

    def withdraw(self, signoff: str, person: Person) -> Answer:
        return self._did("withdraw", signoff, person.name)
