"""What the office shows: frozen values without words, so that one answer serves a page in either language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.domain.action import Mark, Verb
from bot.domain.base import Frozen
from bot.domain.courier import Trail
from bot.domain.decision import Reason
from bot.domain.facts import Fact
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.engine.policy import Policy
from bot.ports.ledger import CaseLine, Judged
from bot.ports.notifier import Urgency
from bot.ports.rehearsal import BacktestResult
from bot.ports.results import DryRun
from bot.ports.status import AutonomyStatus, BudgetStatus, LiabilityStatus
from bot.ports.wanted import Wanted


class Role(StrEnum):
    """What somebody may do; each may also do what those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"


class Person(Frozen):
    """Somebody at the console."""

    name: str
    role: Role


ALONE = Person(name="operator", role=Role.APPROVER)
"""Who may come in where the settings name nobody: to hold whoever can write every file of the home to less would keep nobody out."""


class Unavailable(Frozen):
    """Nobody here can say: `part` names who would, so that a page can tell it instead of showing a number."""

    part: Literal["service", "sessions"]


class Answer(Frozen):
    """What became of an act: done, handed to a second person, refused, or nobody there who could do it."""

    kind: Literal["done", "asked", "refused", "unavailable"]
    told: Reason


class CaseFilter(Frozen):
    """Which cases; what is not named passes. `proposals`: True those the robot would act on, False the other holds."""

    shop: ShopKey | None = None
    status: CaseStatus | None = None
    proposals: bool | None = None
    least: Money | None = None
    most: Money | None = None
    before: datetime | None = None
    text: str = ""


class UnderWay(Frozen):
    """What somebody decided on a case and nobody answered yet; nothing else is decided there meanwhile.

    `signoff`: the request that a second person has to answer; empty where the robot has it.
    """

    waits_for: Literal["robot", "second"]
    verb: Verb
    by: str
    since: datetime
    signoff: str = ""

    @property
    def code(self) -> str:
        """Of the words by which another verdict is refused."""
        return "office.decided_already" if self.waits_for == "robot" else "office.asked_already"

    @property
    def refusal(self) -> Reason:
        """Why another verdict is not taken."""
        return Reason(code=self.code, params={"raw": self.by, "target": self.verb})


class CaseRow(Frozen):
    """One case of a list; `buyer` is the name and is masked by whoever shows it."""

    case: CaseKey
    order_id: str
    status: CaseStatus
    amount: Money | None
    type: str
    deadline: datetime | None
    changed_at: datetime
    owner: str
    buyer: str
    reasons: tuple[Reason, ...]
    under_way: UnderWay | None = None


class CaseList(Frozen):
    """A page of a list; `following` is the cursor of the next one, empty on the last. `total` counts all that pass.

    `amount`: what is claimed in them; None where nobody adds up the whole ledger for a page.
    """

    rows: tuple[CaseRow, ...]
    following: str = ""
    total: int = 0
    amount: Money | None = None


class Happening(Frozen):
    """One event of the chain about a case."""

    seq: int
    at: datetime
    kind: str
    run: str
    facts: dict[str, object]
    hash: str
    by: str = ""
    why: str = ""


class IntentLine(Frozen):
    """One intent with the moments of its marks."""

    id: str
    verb: Verb
    mark: Mark
    armed_at: datetime
    fired_at: datetime | None
    sent_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with everything that the ledger has of it; `decisions` oldest first, `kept` the policies that made them by hash."""

    line: CaseLine
    trails: Mapping[str, Fact[Trail]]
    decisions: tuple[Judged, ...]
    events: tuple[Happening, ...]
    intents: tuple[IntentLine, ...]
    policy: Policy
    kept: Mapping[str, Policy]
    shop_name: str
    posture: str
    verbs: tuple[str, ...]
    under_way: UnderWay | None = None


class RunLine(Frozen):
    """A shop's newest run."""

    id: str
    opened_at: datetime
    closed_at: datetime | None
    posture: str
    summary: dict[str, int]


class ShopView(Frozen):
    """Where a shop stands; `resting` as in `ShopStatus`.

    `posture` is the one that sweeps of the schedule have now, by its `season`; `usual` the file's, where that is another one.
    """

    key: ShopKey
    name: str
    posture: str
    verbs: tuple[str, ...]
    counts: dict[CaseStatus, int]
    usual: str = ""
    season: str = ""
    breaker: str = ""
    open_intents: int = 0
    resting: int = 0
    last_run: RunLine | None = None
    liability: LiabilityStatus | None = None


class Due(Frozen):
    """An open case and its deadline."""

    case: CaseKey
    status: CaseStatus
    amount: Money | None
    deadline: datetime


class DayView(Frozen):
    """Today in money (Asia/Shanghai); None where nobody has counted it. `due`: open cases that run out first, at most a few dozen.

    `overdue`: the latest of those whose deadline has passed while they are open, `overdue_cases` how many there are. `asked`: who
    waits for a second person, a name for each open request.
    """

    agreed: Money | None = None
    refused: Money | None = None
    saved: Money | None = None
    at_risk: Money | None = None
    agreed_cases: int | None = None
    refused_cases: int | None = None
    saved_cases: int | None = None
    at_risk_cases: int | None = None
    proposals: int = 0
    holds: int = 0
    unknown: int = 0
    due: tuple[Due, ...] = ()
    overdue: tuple[Due, ...] = ()
    overdue_cases: int = 0
    asked: tuple[str, ...] = ()


class NextRun(Frozen):
    """What the schedule does next; `what` in words of the catalogue."""

    at: datetime
    shop: ShopKey | None
    what: Reason


class ServiceView(Frozen):
    """The service in this home: `working` on something right now, `heartbeat` its last sign of life."""

    alive: bool
    working: Reason | None = None
    heartbeat: datetime | None = None
    missed: tuple[Reason, ...] = ()


class SessionView(Frozen):
    """A shop's signed-in session.

    `waits_for_person`: it is left alone until one was there. `left_s`: its page waits for one right now, for so many seconds
    more; None where none does. `window`: the robot's browser shows one.
    """

    shop: ShopKey
    since: datetime | None
    waits_for_person: bool = False
    left_s: int | None = None
    window: bool = True


class StrategyLine(Frozen):
    """A strategy or scene as the file has it; `line` in the file, `movable` with its neighbours of the same `group`."""

    id: str
    name: str
    verb: str
    scene: str
    on: bool
    rank: float
    line: int
    group: str
    cap_day: Money | None = None
    spent: Money = Money(0)
    earned: AutonomyStatus | None = None


class Mistake(Frozen):
    """Something wrong with policy.toml as it stands; `line` 0 is the file as a whole."""

    line: int
    key: str
    reason: Reason


class PolicyView(Frozen):
    """policy.toml as it stands; `broken`: what is wrong with it while the last whole one is in force."""

    name: str
    text: str
    hash: str
    strategies: tuple[StrategyLine, ...]
    broken: tuple[Mistake, ...] = ()


class Told(Frozen):
    """Something wrong with a policy's text, in words; `line` 0 is the text as a whole."""

    line: int
    severity: Literal["error", "warning"]
    what: str
    more: tuple[str, ...] = ()


class Check(Frozen):
    """`whole`: it could be read at all; only then `findings` know holes and quarrels."""

    whole: bool
    findings: tuple[Told, ...]

    @property
    def errors(self) -> int:
        """How many keep it from being a good policy."""
        return sum(one.severity == "error" for one in self.findings)


class Trial(Frozen):
    """A policy's text, tried; `rehearsal` is None where it is no policy, or there is no past."""

    check: Check
    rehearsal: BacktestResult | None = None


class Version(Frozen):
    """A policy that was kept."""

    hash: str
    name: str
    kept_at: datetime
    current: bool


class BudgetView(Frozen):
    """One budget of today and its cap."""

    line: BudgetStatus
    name: str = ""


class AlarmLine(Frozen):
    """An alarm, and who said that he looks after it; `amount` and `deadline` (the shop's clock) where they are known."""

    id: str
    at: datetime
    urgency: Urgency
    shop: ShopKey
    case_id: str
    reason: Reason
    amount: Money | None = None
    deadline: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    takes_acknowledgement: bool = False


class Breach(Frozen):
    """One thing that the audit found, and the row it is about."""

    row: str
    reason: Reason


class AuditView(Frozen):
    """The audit: the checks that were made, each with its breaches."""

    ok: bool
    events: int
    head: str
    at: datetime
    checks: tuple[tuple[str, tuple[Breach, ...]], ...]
    notes: tuple[Breach, ...] = ()


class Signoff(Frozen):
    """What one person asked for and a second one has to agree to; `state`: how it ended, if it did."""

    id: str
    kind: Literal["verdict", "policy"]
    about: str
    body: str
    why: str
    asked_by: str
    asked_at: datetime
    state: Literal["open", "approved", "declined", "withdrawn"]
    answered_by: str = ""
    answered_at: datetime | None = None


class LookView(Frozen):
    """A sweep as it would go, asked for by `by`: `dry` once it was seen, `once` the word that confirms it a single time."""

    id: str
    by: str
    asked_at: datetime
    wanted: Wanted
    state: Literal["asked", "seen", "failed", "confirmed"] = "asked"
    dry: DryRun | None = None
    once: str = ""
    seen_at: datetime | None = None
    why: Reason | None = None


PolicyView.model_rebuild()
