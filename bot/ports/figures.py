"""What a day was worth: money by outcome, what is at risk, how fast the robot was; sums in fen, times in seconds, Asia/Shanghai."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from pydantic import Field

from bot.domain.action import Verb
from bot.domain.base import Frozen
from bot.domain.decision import Reason
from bot.domain.outcome import CaseStatus
from bot.ports.exits import ExitCode
from bot.ports.status import MissedRun

SEED_INTERCEPT_S: Final = 10 * 3600
"""By hand, from an application to the request to intercept: ten-odd hours (domain.md 16)."""

SEED_CASE_MIN: Final = 30
"""By hand, minutes of a person that one shipped refund takes (domain.md 17)."""

GOAL_CASE_S: Final = 10 * 60
GOAL_INTERCEPT_S: Final = 2 * 60
"""What a case, and a request to intercept, may take from the application on at most, at the 95th percentile."""

EDGES_S: Final = (60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400)
"""Upper ends of the histogram's bins; one more bin has what took longer."""

LEFT_S: Final = (0, 3_600, 21_600, 86_400, 259_200)
"""Upper ends of what is left of a countdown: over, an hour, six, a day, three; one more part has the later ones."""

LOAD_HOURS: Final = 24
"""How far ahead deadlines are counted."""


class Span(Frozen):
    """Business days (Asia/Shanghai), both ends included."""

    first: date
    last: date

    @classmethod
    def of(cls, last: date, days: int = 1) -> Span:
        """So many days up to and with `last`."""
        return cls(first=last - timedelta(days=days - 1), last=last)

    def days(self) -> Iterator[date]:
        """Each of them, the oldest first."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)


class Tally(Frozen):
    """So many cases, and their money in fen."""

    cases: int = 0
    fen: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(cases=self.cases + other.cases, fen=self.fen + other.fen)


NOTHING: Final = Tally()


class Moved(Frozen):
    """What the span's proven acts came to, each by what it moves.

    `agreed` (refunds, and offers that stand) and `fees` of intercepts are what the shop's budget has as posted, `returns` what
    was agreed to be paid once goods are back, `pending` what may have gone and nobody can say yet. `refused`, `intercepts` and
    `complaints` count the claim, which stays with the shop for now.
    """

    refunds: Tally = NOTHING
    offers: Tally = NOTHING
    returns: Tally = NOTHING
    refused: Tally = NOTHING
    intercepts: Tally = NOTHING
    complaints: Tally = NOTHING
    fees_fen: int = 0
    pending: Tally = NOTHING

    @property
    def agreed(self) -> Tally:
        """Money that left, or is promised."""
        return self.refunds + self.offers


class Saved(Frozen):
    """Money or goods that would have been lost, by what kept them.

    `refused`: claims that stayed refused; `returned`: parcels that an intercept brought back before the money went;
    `differences`: what claims came down by after a refusal or an offer of ours.
    """

    refused: Tally = NOTHING
    returned: Tally = NOTHING
    differences: Tally = NOTHING

    @property
    def whole(self) -> Tally:
        return self.refused + self.returned + self.differences


class Delays(Frozen):
    """From applications to what was done about them, in seconds by the shop's clock; None where there was none.

    `bins` are counts by `EDGES_S`; percentiles are those of the nearest rank.
    """

    count: int = 0
    p50_s: int | None = None
    p95_s: int | None = None
    longest_s: int | None = None
    bins: tuple[int, ...] = (0,) * (len(EDGES_S) + 1)


class Due(Frozen):
    """Countdowns that ended in the span.

    `met`: the case was ended before; `missed`: it was still open after; `unclear`: it was found ended only after, by whom
    nobody can say.
    """

    met: Tally = NOTHING
    missed: Tally = NOTHING
    unclear: Tally = NOTHING


class Hour(Frozen):
    """Open cases whose countdown ends in the hour that begins at `at`."""

    at: datetime
    load: Tally = NOTHING


class HoldGround(Frozen):
    """Open holds with the same first reason; `nearest` is the first of their deadlines."""

    reason: Reason | None
    holds: Tally
    nearest: datetime | None = None


class HeldCase(Frozen):
    """A case that needs a person; `fen` is the claim, `since` when it came to stand so, `type` empty where only the list was read."""

    shop: str
    aftersale_id: str
    order_id: str
    type: str
    status: CaseStatus
    fen: int
    deadline: datetime | None
    reasons: tuple[Reason, ...]
    owner: str
    since: datetime
    buyer: str = Field(default="", exclude=True, repr=False)
    """So that he can be masked in what a page said; in no export."""


class ShopFigures(Frozen):
    """One shop's figures, or those of all together (`shop` empty).

    Of the span: `moved`, `saved`, `to_act` (application to the first proven act), `by_person` (of those, decided by a person), `to_intercept`, `due`. As of the moment of
    asking: `states`, `at_risk` (open claims by what is left of their countdown, parted at `LEFT_S`), `undated` (without one),
    `holds`, `load` (the next 24 hours).
    """

    shop: str = ""
    moved: Moved = Moved()
    saved: Saved = Saved()
    to_act: Delays = Delays()
    by_person: int = 0
    to_intercept: Delays = Delays()
    due: Due = Due()
    states: dict[CaseStatus, int] = Field(default_factory=dict)
    at_risk: tuple[Tally, ...] = (NOTHING,) * (len(LEFT_S) + 1)
    undated: Tally = NOTHING
    holds: tuple[HoldGround, ...] = ()
    load: tuple[Hour, ...] = ()

    @property
    def risk(self) -> Tally:
        """All that is open."""
        return sum(self.at_risk, self.undated)

    @property
    def spared(self) -> int:
        """Cases that the robot was the first to act on by its own judgement: what a person decided, or was called for, spares nobody."""
        return self.to_act.count - self.by_person

    @property
    def minutes_saved(self) -> int:
        """`SEED_CASE_MIN` for each case that spared a person the work."""
        return self.spared * SEED_CASE_MIN


class DayOutcomes(Frozen):
    """One day's proven acts of one shop: money by verb, counted as `Moved` does."""

    day: date
    shop: str
    by: dict[Verb, Tally]


class DayFigures(Frozen):
    """The figures of some business days, asked at `at`: of all shops together, of each, and by day for the days up to the last."""

    span: Span
    at: datetime
    whole: ShopFigures
    shops: tuple[ShopFigures, ...]
    days: tuple[DayOutcomes, ...] = ()


class Notice(Frozen):
    """An alarm of the day: when, how loud, where, what."""

    at: datetime
    urgency: str
    shop: str
    case_id: str = ""
    reason: Reason


class Bulletin(Frozen):
    """What the ledger's sums do not tell of a day.

    `acknowledged` of `called`: alarms with a deadline that somebody answered in time; both None where nobody counts them.
    """

    alarms: tuple[Notice, ...] = ()
    missed_runs: tuple[MissedRun, ...] = ()
    called: int | None = None
    acknowledged: int | None = None


class Attachment(Frozen):
    """A file of a mail."""

    name: str
    media_type: str
    data: bytes


class DailyMail(Frozen):
    """The day in one mail: a short page that any mail reader shows, and the whole report attached."""

    subject: str
    html: str
    attachments: tuple[Attachment, ...]


class DailyResult(Frozen):
    """`refundpilot report`: the figures, what needs a person, and where page and workbook are."""

    figures: DayFigures
    held: tuple[HeldCase, ...]
    bulletin: Bulletin = Bulletin()
    report: str
    workbook: str
    exit_code: ExitCode = ExitCode.DONE
