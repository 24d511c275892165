"""What one sweep of one shop was told to do, and the ports it may use: values only, no adapters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.action import Action, Intercept, Verb
from bot.domain.figures import NO_FIGURES, Figures
from bot.domain.hand import HandVerdict
from bot.domain.ids import CaseKey, RunId, ShopKey
from bot.domain.money import Money
from bot.engine.autonomy import Trust
from bot.engine.policy import Policy
from bot.engine.shadow import ShadowBook
from bot.errors import NotAvailable, Stopped
from bot.ports.brakes import Bounds, BoundsSource, KillSwitch
from bot.ports.clock import Clock, Ids
from bot.ports.desks import CourierDesk, InterceptDesk, ShopFloor
from bot.ports.evidence import EvidenceStore, PictureReader
from bot.ports.failures import FailureBook
from bot.ports.ledger import Ledger
from bot.ports.notifier import Notifier
from bot.ports.policy import PolicySource
from bot.ports.progress import Progress, StopSignal
from bot.ports.turns import Turn
from bot.ports.wanted import EVERYTHING, NOTHING_SPARED, Pick, Sparing

STOPPED_BY_HAND = "run.stopped"
"""The reason of a sweep that the operator ended: nothing went wrong."""


class Posture(StrEnum):
    """How far the robot goes in a shop (design.md 5)."""

    OBSERVE = "observe"
    PROPOSE = "propose"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Orders:
    """One shop's standing orders for this sweep; seconds and fen."""

    run: RunId
    shop: ShopKey
    posture: Posture
    verbs: frozenset[Verb]
    policy: Policy
    config_hash: str
    shop_cap_day: Money
    buyer_cap_day: Money
    owner: str
    lease_owner: str
    reader_tabs: int = 2
    recycle_after: int = 40
    recycle_after_s: float = 600.0
    quiet_wait_s: float = 10.0
    challenge_wait_s: float = 600.0
    read_limit_s: float = 160.0
    """What takes longer to open and read a page, or from a click to what the server made of it, waits for a browser that has hung."""
    work_limit_s: float = 480.0
    """The same for what loads several pages."""
    pictures: bool = True
    max_cases: int = 0
    seconds_between_actions: float = 0.0
    """From the beginning of one action to the beginning of the next, at least."""
    seconds_per_case: float = 2.0
    """What a case of this shop took in its last sweeps: deadlines that the sweep will not reach are reckoned by it."""
    parcels_first: bool = True
    """Whether a refund of shipped goods that nobody judged yet is worked as a parcel to be stopped; not so on tapes of before."""
    pick: Pick = EVERYTHING
    """Which of the pending cases; the others are listed and otherwise left alone."""
    sparing: Sparing = NOTHING_SPARED
    """What need not be done again, because the schedule comes round again soon."""
    figures: Figures = NO_FIGURES
    trust: Mapping[str, Trust] = field(default_factory=dict)
    """What strategies that have to earn their autonomy have earned; one that is not named has earned nothing."""
    shadow: Policy | None = None
    """A candidate that is judged beside the live policy and never acted on."""
    shadow_book: ShadowBook = field(default_factory=ShadowBook)
    """What the candidate would have spent by now, on its own caps of the day."""
    verdicts: Mapping[CaseKey, HandVerdict] = field(default_factory=dict)
    """What persons decided; where there is any, the sweep works on these cases alone, and the robot decides on none."""
    second_person_above: Money | None = None
    """The largest sum that one person decides alone; None where one is always enough."""

    @property
    def moves_hands(self) -> bool:
        """Whether anything may be pressed in this sweep: by the shop's posture, or because a person asked for a deed."""
        if self.verdicts:
            return any(verdict.deed for verdict in self.verdicts.values())
        return self.posture is Posture.ACT


@dataclass(frozen=True, slots=True)
class Kit:
    """The ports of a sweep. `stop` is set by the first Ctrl-C: the case in hand is still settled."""

    ledger: Ledger
    evidence: EvidenceStore
    failures: FailureBook
    notifier: Notifier
    clock: Clock
    ids: Ids
    kill: KillSwitch
    progress: Progress
    floor: ShopFloor
    courier: CourierDesk
    stop: StopSignal
    reader: PictureReader | None = None
    """Reads proofs before they go out; None: nothing here does."""
    must_read: bool = False
    """Proofs that nobody can read do not go out."""
    policies: PolicySource | None = None
    """None: the policy of the orders, which nobody changes."""
    settings: BoundsSource | None = None
    """None: the bounds of the orders, which nobody narrows."""
    desks: Sequence[InterceptDesk] = ()
    """Couriers' own desks; parcels of every other courier are called back on the shop's page."""
    turn: Turn | None = None
    """None: nobody else waits for this sweep's hands."""

    def desk_serving(self, courier: str) -> InterceptDesk | None:
        """Where a parcel of that courier is called back; None for the shop's page."""
        return next((desk for desk in self.desks if desk.serves(courier)), None)

    def desk_of(self, action: Action) -> InterceptDesk | None:
        """Where an action is done and read back; None for the shop's page.

        Raises:
            NotAvailable: the settings name that desk no more.
        """
        if not isinstance(action, Intercept) or not action.desk:
            return None
        found = next((desk for desk in self.desks if desk.name == action.desk), None)
        if found is None:
            raise NotAvailable(f"no desk {action.desk} in the settings", code="desktop.no_desk", raw=action.desk)
        return found

    def policy(self, orders: Orders) -> Policy:
        """The policy in force right now (F51)."""
        return self.policies.in_force() if self.policies else orders.policy

    def bounds(self, orders: Orders) -> Bounds:
        """How far hands may go right now: a sweep's orders are narrowed by what the settings say meanwhile, never widened."""
        given = Bounds(orders.posture is Posture.ACT, orders.verbs, orders.shop_cap_day, orders.buyer_cap_day)
        return given.within(self.settings.in_force()) if self.settings else given

    def aside(self, shop: ShopKey) -> AbstractAsyncContextManager[None]:
        """While the block runs, a person is all that is waited for: other shops go on meanwhile."""
        return self.turn.aside(shop) if self.turn else nullcontext()

    def heed_stop(self) -> None:
        """Raise Stopped once the operator wants the sweep to end; asked wherever nothing is in hand."""
        if self.stop.is_set():
            raise Stopped("stopped by hand", code=STOPPED_BY_HAND)
