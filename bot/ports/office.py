"""The office: what a person at the console may see and do; `bot.app.office` has it over a home, a fake in tests over nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.catalogue import Catalogue
from bot.domain.action import Verb
from bot.domain.base import Sha256
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.engine.policy import Policy
from bot.ports.deciding import HandPreview
from bot.ports.monitor import HitFilters, MonitorResult
from bot.ports.office_views import (
    AlarmLine,
    Answer,
    AuditView,
    BudgetView,
    CaseFile,
    CaseFilter,
    CaseList,
    Check,
    DayView,
    Happening,
    LookView,
    NextRun,
    Person,
    PolicyView,
    ServiceView,
    SessionView,
    ShopView,
    Signoff,
    Trial,
    Unavailable,
    Version,
)
from bot.ports.results import DryRun, SweepResult
from bot.ports.wanted import HandVerdict, Wanted


class Office(Protocol):
    """Everything raises LedgerError where the books cannot be read or written.

    What is plain `def` may take a while and is called in a thread; what is `async` is asked on the loop that the robot works
    on. Whoever acts is named: the office refuses what one person alone may not do (S17), whatever page asked.
    """

    @property
    def people(self) -> tuple[Person, ...]:
        """Who may come in; at least one."""

    @property
    def limit(self) -> Money | None:
        """Above it one person alone does not decide; None where one always may."""

    @property
    def language(self) -> str:
        """`zh` or `en`: what a person reads who has not chosen."""

    @property
    def home(self) -> str:
        """The folder, so that nobody takes one home for another."""

    def now(self) -> datetime:
        """The shop's own time."""

    def rules(self) -> Policy:
        """The policy in force, for the names of its strategies."""

    def marks(self) -> Mapping[str, str]:
        """By topic (`ledger`, `brakes`, `policy`, `alarms`, `sessions`, `looks`, `clock`) a mark that changes whenever what is shown of it may have. Cheap."""

    def stopped(self) -> bool:
        """The kill switch is engaged."""

    def day(self) -> DayView: ...

    def shops(self) -> tuple[ShopView, ...]: ...

    def service(self) -> ServiceView | Unavailable: ...

    def next_runs(self) -> tuple[NextRun, ...] | Unavailable: ...

    def sessions(self) -> tuple[SessionView, ...] | Unavailable: ...

    def plots(self, say: Catalogue) -> Sequence[str]:
        """Drawings as HTML of ours, no word of a stranger in them."""

    def cases(self, wanted: CaseFilter, after: str, limit: int) -> CaseList:
        """A page of cases behind the cursor `after`, those that run out first at the top."""

    def case(self, case: CaseKey) -> CaseFile | None:
        """The whole story; None for a case that the ledger never met."""

    def preview(self, verdict: HandVerdict, signoff: str = "") -> HandPreview | None:
        """What exactly would be done, by the newest look at the case; None for one that was never read. `refused`: why nothing would.

        `signoff`: the request that the verdict is; another one is refused while that is open.
        """

    def find(self, aftersale_id: str) -> tuple[CaseKey, ...]:
        """Cases with exactly this id, in any shop."""

    def picture(self, sha256: Sha256) -> bytes:
        """Raises EvidenceRefused: not there, altered, erased, or of no case."""

    def hits(self, since: date, filters: HitFilters) -> MonitorResult:
        """策略监控. Raises ConfigError: no such scene."""

    def policy(self) -> PolicyView: ...

    def versions(self) -> tuple[Version, ...]:
        """Every policy that is kept, the newest first."""

    def version_text(self, policy_hash: str) -> str:
        """Empty where nothing was kept under it."""

    def check(self, text: str, say: Catalogue) -> Check:
        """What is wrong with a policy's text, line by line; nothing is written."""

    def rehearse(self, text: str, days: int, say: Catalogue) -> Trial:
        """Check it and rehearse it on the past; nothing is written. May take minutes on a large ledger."""

    def budgets(self) -> tuple[BudgetView, ...]: ...

    def alarms(self, limit: int) -> tuple[AlarmLine, ...]:
        """All that nobody has answered, the most pressing first; then the newest of the last month that somebody has, up to `limit` in all."""

    def audit(self, anchor: tuple[int, str] | None) -> AuditView:
        """Recompute everything; `anchor` is a head that was kept elsewhere."""

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest event."""

    def signoffs(self) -> tuple[Signoff, ...]:
        """What waits for a second person, then what was answered lately."""

    def doings(self, limit: int) -> tuple[Happening, ...]:
        """What people did at the console, the newest first."""

    def unmask(self, case: CaseKey, person: Person, why: str) -> None:
        """Write down that somebody looks at a buyer's data in full. Raises LedgerError: then it is not shown."""

    def stop(self, person: Person) -> Answer: ...

    def resume(self, person: Person) -> Answer: ...

    def close_breaker(self, shop: ShopKey, person: Person) -> Answer: ...

    def end_sign_in(self, shop: ShopKey, person: Person) -> Answer:
        """The robot's sign-in in this shop is forgotten; the next sweep signs in anew (S32)."""

    def save_policy(self, text: str, base: str, person: Person, why: str, moved: Money | None) -> Answer:
        """Write policy.toml, if it is still the one with the hash `base`; `moved`: what its rehearsal pays out more, None without one."""

    def switch(self, strategy: str, person: Person, *, on: bool) -> Answer:
        """What may let the robot pay more (on, or a hold off) is rehearsed first, which may take minutes, and needs who saving it would need."""

    def reorder(self, wanted: Sequence[str], person: Person) -> Answer:
        """All off, then the order, then on one by one; rehearsed first, as above."""

    def acknowledge(self, alarm: str, person: Person) -> Answer: ...

    def alarms_by_link(self, token: str) -> tuple[AlarmLine, ...]:
        """The alarms of the message that a signed link came in; empty for a link that is not ours, was altered, or ran out."""

    def acknowledge_by_link(self, token: str) -> Answer: ...

    async def decide(self, verdict: HandVerdict, person: Person) -> Answer:
        """Have it carried out by the robot's own protocol; nothing is done that this says no to."""

    async def sweep(self, wanted: Wanted, person: Person) -> Answer: ...

    async def enter(self, shop: ShopKey, person: Person, *, anew: bool) -> Answer:
        """Have the robot enter the shop now and touch nothing there: its session is proven, or, `anew`, forgotten and signed in again."""

    async def look(self, wanted: Wanted, person: Person) -> str:
        """Have the service look what that sweep would do; the id under which it is shown, empty where no service runs."""

    def looked(self, look: str) -> LookView | None:
        """One that was asked for, as far as it has come."""

    async def confirm(self, look: str, once: str, person: Person) -> Answer:
        """Do exactly what was shown, once, if it is the same person who asked for it."""

    async def sign(self, signoff: str, person: Person, *, agrees: bool) -> Answer:
        """The second person's word; never the first one's own. A yes that nobody can carry out now is not taken, and can be said later."""

    def withdraw(self, signoff: str, person: Person) -> Answer:
        """Whoever asked for a second person thought better of it."""


class Errands(Protocol):
    """Whoever has the browser: the service while `run` works in this home."""

    async def ask(self, wanted: Wanted) -> SweepResult: ...

    def hand_over(self, number: int, verdict: HandVerdict) -> None:
        """Have a verdict carried out that the ledger has accepted under this number; it is answered on its case, if need be after the next start."""

    async def look(self, wanted: Wanted) -> DryRun:
        """The same without hands, and what it would have done."""

    def next_runs(self) -> tuple[NextRun, ...]: ...

    def service(self) -> ServiceView: ...

    def sessions(self) -> tuple[SessionView, ...]: ...

    def tell(self, reason: Reason) -> None:
        """An alarm about what became of an errand, for people who are not at the page any more."""

    def end_sign_in(self, shop: ShopKey) -> None:
        """Forget it as soon as no sweep is under way; the next one signs in anew."""


OFFERED: tuple[Verb, ...] = (Verb.AGREE_REFUND, Verb.AGREE_RETURN, Verb.REFUSE, Verb.INTERCEPT, Verb.NEGOTIATE)
"""What a person may decide at the console, in the order of its keys."""

OPEN = frozenset({CaseStatus.HELD, CaseStatus.WAITING, CaseStatus.DECIDED, CaseStatus.SEEN})
"""Standings in which a person may still decide."""

REHEARSED_DAYS = 30
"""The stretch of the past that a change of the policy is rehearsed on."""

__all__ = ["OFFERED", "OPEN", "REHEARSED_DAYS", "Errands", "Office"]
