"""What somebody asks of one sweep beyond the settings: which shop, which of its cases, how far, and what a person decided."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from bot.domain.action import Verb
from bot.domain.base import Frozen
from bot.domain.hand import HandVerdict
from bot.domain.ids import ShopKey
from bot.domain.money import Money

__all__ = ["HandVerdict", "Pick", "PostureName", "Shown", "Wanted"]

PostureName = Literal["observe", "propose", "act"]


class Shown(Frozen):
    """What a person was shown of one case before they said yes: its whole key, the verb, and the sums that it moves."""

    case: str
    verb: Verb
    amount: Money
    max_fee: Money | None = None


class Pick(Frozen):
    """Which pending cases a sweep works on: all that pass every test named here; what is not named passes.

    `ids`: after-sale ids, or whole keys `platform/shop/id`; None for any. `at_least`, `at_most`: what the buyer asks for, both ends included. `deadline_before`:
    the countdown ends before this moment (Asia/Shanghai); a case without one does not pass. `scenes`: ids of ATOM's scenes; a case is
    of the scene whose strategy decides it. `shown`: what a person said yes to; of a case that is decided otherwise by now nothing is done.
    """

    ids: frozenset[str] | None = None
    at_least: Money | None = None
    at_most: Money | None = None
    deadline_before: datetime | None = None
    scenes: frozenset[str] = frozenset()
    shown: frozenset[Shown] | None = None


EVERYTHING: Final = Pick()


class Sparing(Frozen):
    """What a sweep of the schedule need not do again (ADR 0022); as it stands here, everything is done.

    `recheck_s`: a case that waits for somebody and did not change is read again after so many seconds; 0: in every sweep. `follow_s`: one
    whose parcel was called back is so after as many, where that is less; 0: it is one of the others. `quick`: the newest pages of the list will do, where they
    and the printed count fit what the ledger knows. `goes_on`: runs of sweeps that gave way, behind which this one goes on; what they
    judged and left to nobody, and what did not change since, is done.
    """

    recheck_s: int = 0
    follow_s: int = 0
    quick: bool = False
    goes_on: frozenset[str] = frozenset()


NOTHING_SPARED: Final = Sparing()


class Wanted(Frozen):
    """One errand: `shop` None for all, `posture` None for each shop's own.

    With `verdicts` the sweep carries out what persons decided, on exactly the cases that they name, and does nothing else;
    `shop` None then means the shops of those cases. `sparing` is the schedule's alone: what a person asks for is done whole.
    `without`: shops that an errand for all leaves out, because a person is needed there first. `by_schedule`: nobody asked for it, so that the
    posture of the schedule goes on holding while it goes on.
    """

    shop: ShopKey | None = None
    posture: PostureName | None = None
    pick: Pick = EVERYTHING
    verdicts: tuple[HandVerdict, ...] = ()
    sparing: Sparing = NOTHING_SPARED
    without: frozenset[ShopKey] = frozenset()
    by_schedule: bool = False

    @property
    def named(self) -> frozenset[ShopKey]:
        """Shops that are meant by their name, or by that of one of their cases; none where all are."""
        if self.verdicts:
            return frozenset(verdict.case.shop for verdict in self.verdicts)
        return frozenset({self.shop} if self.shop else ())
