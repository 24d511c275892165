"""What the use cases hand back to whoever started them; `model_dump(mode="json")` is what `--json` prints (design.md 8)."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from bot.domain.action import Verb
from bot.domain.base import Frozen
from bot.domain.decision import Reason
from bot.ports.exits import ExitCode
from bot.ports.wanted import Wanted

RESTING = "resting"
"""Beside the counts by status in a run's summary: cases that wait for somebody and were left unread."""


class DemoOptions(Frozen):
    """What `refundpilot demo` was asked for."""

    cases: int = Field(default=60, ge=10, le=10_000)
    seed: int = 1
    headed: bool = False


class DemoResult(Frozen):
    """One demo run, checked against the simulator's probe; `report` is the path of the HTML file.

    `mismatches` counts the differences between ledger and probe, `differences` names them. `stopped`: why the sweep was left
    early, None when it came to its end.
    """

    cases: int
    effects: int
    mismatches: int
    held: int
    verbs: dict[str, int]
    report: str
    seconds: float
    differences: tuple[Reason, ...] = ()
    waiting: int = 0
    failed: int = 0
    unknown: int = 0
    foreign: int = 0
    refunded_fen: int = 0
    home: str = ""
    stopped: Reason | None = None
    exit_code: ExitCode


class ShadowResult(Frozen):
    """A candidate's word beside the live policy's, over one run: `turns` counts "live verb>candidate's verb"."""

    policy_hash: str
    judged: int
    differ: int
    turns: dict[str, int] = Field(default_factory=dict)
    cases: tuple[str, ...] = ()


class ShopSweep(Frozen):
    """What one sweep did in one shop.

    `acted`: proven actions by verb; in `observe` and `propose`, where nothing is done, `proposed` has what would be. `late`:
    cases whose deadline comes before they can be reached. `unreadable`: rows that the list shows and nobody can read.
    `stopped`: why the shop was left early, None when it was swept to its end. `notes`: what else somebody should know of it,
    such as a policy that could not be read. `resting`: cases that wait for somebody, did not change, and were therefore not read again.
    `whole_list`: the list was read to its end, and not only its newest pages. `by_hand`: it carried out what persons decided, whatever the posture. `run`: its name in
    the ledger. `missing`: ids that were asked for, and that neither the list nor what waits of earlier sweeps has.
    """

    shop: str
    name: str = ""
    run: str = ""
    posture: str = "observe"
    seen: int = 0
    acted: dict[str, int] = Field(default_factory=dict)
    proposed: dict[str, int] = Field(default_factory=dict)
    held: int = 0
    waiting: int = 0
    failed: int = 0
    unknown: int = 0
    foreign: int = 0
    late: int = 0
    resting: int = 0
    whole_list: bool = False
    unreadable: int = 0
    missing: tuple[str, ...] = ()
    refunded_fen: int = 0
    shadow: ShadowResult | None = None
    seconds: float = 0.0
    stopped: Reason | None = None
    notes: tuple[Reason, ...] = ()
    by_hand: bool = False

    @property
    def acting(self) -> bool:
        """Whether it acted, and did not only say what it would do."""
        return self.by_hand or self.posture == "act"


class SweepResult(Frozen):
    """One sweep over one or more shops; `report` is the path of the HTML file, empty when there is none.

    `not_found`: ids that were asked for and that no shop has.
    """

    run_id: str
    shops: tuple[ShopSweep, ...]
    report: str
    not_found: tuple[str, ...] = ()
    exit_code: ExitCode


class WouldDo(Frozen):
    """What a sweep would do to one case. `barred`: why it would not be done at once after all; None when it would."""

    case: str
    aftersale_id: str
    verb: Verb
    amount_fen: int
    deadline: datetime | None
    why: Reason
    barred: Reason | None = None


class DryRun(Frozen):
    """A sweep that only looked: `would` is what it would do, dearest first; `then` asks for exactly these cases, with hands."""

    sweep: SweepResult
    would: tuple[WouldDo, ...]
    then: Wanted
    exit_code: ExitCode


class Check(Frozen):
    """One check of the audit: its id (I2 …, reliability.md 3.6), and every breach in words."""

    id: str
    title: str = ""
    breaches: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.breaches


class AuditResult(Frozen):
    """`refundpilot audit`: the hash chain and the invariants over the whole ledger."""

    ok: bool
    events: int
    head: str
    checks: tuple[Check, ...]
    notes: tuple[str, ...] = ()
    exit_code: ExitCode = ExitCode.DONE
