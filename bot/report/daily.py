"""The page of a day: what it was worth, beside what it takes by hand, and what needs a person now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.catalogue import Catalogue
from bot.catalogue.catalogue import PLACEHOLDER
from bot.domain.base import SHANGHAI
from bot.domain.case import AftersaleType
from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.engine.policy import Policy
from bot.ports.figures import (
    GOAL_CASE_S,
    GOAL_INTERCEPT_S,
    NOTHING,
    SEED_CASE_MIN,
    SEED_INTERCEPT_S,
    Bulletin,
    DayFigures,
    Delays,
    HeldCase,
    Notice,
    ShopFigures,
    Tally,
)
from bot.report import masking
from bot.report.daily_plots import URGENT, Drawings, Told, yuan
from bot.report.phrases import Words, exact, when
from bot.report.plots import Plot
from bot.report.render import fill, part

AT_FIRST, LISTED = 20, 200
"""Cases that need a person: so many at first sight, so many on the page; the workbook has all of them."""

MAILED = 20
"""Of them, as many as stand in the mail itself."""

_SOON = timedelta(hours=24)
_MINUTE_S, _HOUR_S = 60, 3600


@dataclass(frozen=True, slots=True)
class Day:
    """What a daily page is made from; `names` are the shops' own by key, `policies` name the strategies of the holds."""

    figures: DayFigures
    held: Sequence[HeldCase]
    bulletin: Bulletin
    names: dict[str, str]
    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A label, its value, and a word beside it."""

    label: str
    value: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """One measure: ours, and the one by hand; `good` None where there was nothing to measure."""

    label: str
    ours: str
    detail: str
    by_hand: str
    good: bool | None


@dataclass(frozen=True, slots=True)
class Call:
    """A case that a person is wanted for."""

    case_id: str
    shop: str
    kind: str
    amount: str
    left: str
    deadline: str
    tone: str
    why: tuple[str, ...]
    owner: str


class View:
    """What the template reads."""

    def __init__(self, day: Day, say: Catalogue) -> None:
        self.day = day
        self.words = Words.of(say, *day.policies)
        self._say = say
        self._told = Told(say)
        self._whole, self._now = day.figures.whole, day.figures.at

    def text(self, key: str, **params: object) -> str:
        """The entry `daily.<key>`."""
        return self._told.text(key, **params)

    @property
    def title(self) -> str:
        span = self.day.figures.span
        if span.first == span.last:
            return self.text("title", day=span.last.isoformat(), weekday=self.text(f"weekday.{span.last.weekday()}"))
        return self.text("title_span", first=span.first.isoformat(), last=span.last.isoformat())

    @property
    def written(self) -> str:
        return exact(self._now)

    @property
    def lede(self) -> str:
        whole, wait = self._whole, len(self.day.held)
        told = {"done": self._whole.to_act.count, "saved": yuan(whole.saved.whole), "held": wait}
        return self.text("lede_quiet" if not wait else "lede", **told)

    @property
    def tiles(self) -> Iterator[tuple[str, str, str, str]]:
        """Tone, label, value and note of each large number."""
        whole = self._whole
        moved = whole.moved
        yield "refunded", self.text("tile.agreed"), yuan(moved.agreed), self._cases(moved.agreed)
        stood = self.text("tile.of_refused", count=moved.refused.cases)
        yield (
            "refused",
            self.text("tile.refused"),
            yuan(whole.saved.refused),
            f"{self._cases(whole.saved.refused)} · {stood}",
        )
        yield "intercepted", self.text("tile.saved"), yuan(whole.saved.whole), self._cases(whole.saved.whole)
        soon = sum(whole.at_risk[1:4], NOTHING)
        yield (
            "held",
            self.text("tile.risk"),
            yuan(whole.risk),
            self.text("tile.soon", count=soon.cases, amount=yuan(soon)),
        )
        hours = self.text("hours", hours=f"{whole.minutes_saved / _MINUTE_S:,.1f}")
        yield (
            "noted",
            self.text("tile.time"),
            hours,
            self.text("tile.each", count=whole.spared, minutes=SEED_CASE_MIN),
        )

    @property
    def besides(self) -> Iterator[Beside]:
        """Our figures beside the seeds' own (domain.md 3, 16, 17)."""
        whole, by_hand = self._whole, self.text("beside.hours", hours=SEED_INTERCEPT_S // _HOUR_S)
        yield self._beside("intercept", whole.to_intercept, by_hand, GOAL_INTERCEPT_S)
        yield self._beside("case", whole.to_act, self.text("beside.minutes", minutes=SEED_CASE_MIN), GOAL_CASE_S)
        yield self._answered()
        due = whole.due
        total = due.met.cases + due.missed.cases + due.unclear.cases
        detail = self.text(
            "beside.due_note", missed=due.missed.cases, amount=yuan(due.missed), unclear=due.unclear.cases
        )
        ours = self.text("beside.of", part=due.met.cases, whole=total) if total else "—"
        yield Beside(self.text("beside.due"), ours, detail, "", None if not total else not due.missed.cases)

    def _beside(self, key: str, took: Delays, by_hand: str, goal_s: int) -> Beside:
        label = self.text(f"beside.{key}")
        if took.p95_s is None or took.p50_s is None:
            return Beside(label, "—", self.text("beside.none"), by_hand, None)
        told = {"p50": self._told.lasting(took.p50_s), "count": took.count, "goal": self._told.lasting(goal_s)}
        return Beside(
            label, self._told.lasting(took.p95_s), self.text("beside.note", **told), by_hand, took.p95_s <= goal_s
        )

    def _answered(self) -> Beside:
        """Alarmed deadlines that somebody answered in time, where the alarms are counted."""
        told, half = self.day.bulletin, self.text("beside.half")
        if told.called is None or told.acknowledged is None or not told.called:
            return Beside(self.text("beside.answered"), "—", self.text("beside.none"), half, None)
        ours = self.text("beside.of", part=told.acknowledged, whole=told.called)
        return Beside(self.text("beside.answered"), ours, "", half, told.acknowledged * 2 > told.called)

    @property
    def money(self) -> Iterator[Line]:
        """Where the day's money went, and what stayed."""
        moved, saved = self._whole.moved, self._whole.saved
        for key, tally in (
            ("refunds", moved.refunds), ("offers", moved.offers), ("returns", moved.returns), ("intercepts", moved.intercepts),
            ("refused", moved.refused), ("complaints", moved.complaints), ("pending", moved.pending),
        ):  # fmt: skip
            if tally.cases:
                yield Line(self.text(f"money.{key}"), yuan(tally), self._cases(tally))
        if moved.fees_fen:
            yield Line(self.text("money.fees"), str(Money(moved.fees_fen)))
        for key, tally in (
            ("refused", saved.refused),
            ("returned", saved.returned),
            ("differences", saved.differences),
        ):
            if tally.cases:
                yield Line(self.text(f"saved.{key}"), yuan(tally), self._cases(tally), "saved")

    @property
    def drawings(self) -> tuple[Plot, ...]:
        return Drawings(self._told, self.day.figures).all()

    @property
    def calls(self) -> list[list[Call]]:
        """At first sight, and the others that the page lists."""
        told = [self._call(case) for case in self.day.held[:LISTED]]
        return [part for part in (told[:AT_FIRST], told[AT_FIRST:]) if part]

    @property
    def first_calls(self) -> list[Call]:
        """As many as a mail shows."""
        return [self._call(case) for case in self.day.held[:MAILED]]

    def _call(self, case: HeldCase) -> Call:
        left = self.words.left(case.deadline, self._now) if case.deadline else self.words.text("left.unknown")
        return Call(
            case_id=masking.cut(masking.visible(case.aftersale_id), 48),
            shop=self.shop(case.shop),
            kind=self.kind(case),
            amount=str(Money(case.fen)),
            left=left,
            deadline=when(case.deadline) if case.deadline else "",
            tone=_tone(case.deadline, self._now),
            why=self.why(case),
            owner=masking.text(case.owner, longest=40),
        )

    def kind(self, case: HeldCase) -> str:
        """What is claimed, as far as the page was read."""
        return self._say.name(AftersaleType(case.type)) if case.type else ""

    def why(self, case: HeldCase) -> tuple[str, ...]:
        """The reasons in words; strangers' words in them are masked."""
        if not case.reasons:
            return (self.words.text("nothing_said"),)
        return tuple(self.words.reason(reason, case.buyer) for reason in case.reasons)

    @property
    def more_calls(self) -> int:
        return max(0, len(self.day.held) - LISTED)

    @property
    def grounds(self) -> Iterator[Line]:
        """Open holds by their first reason."""
        for ground in self._whole.holds:
            told = self._ground(ground.reason)
            left = self.words.left(ground.nearest, self._now) if ground.nearest else ""
            yield Line(
                told[:1].upper() + told[1:],
                yuan(ground.holds),
                " · ".join(filter(None, [self._cases(ground.holds), left])),
            )

    def _ground(self, reason: Reason | None) -> str:
        if reason is None:
            return self.words.text("nothing_said")
        if reason.code == "hold.strategy":
            return self.words.short(reason.params.get("strategy", ""))
        return PLACEHOLDER.sub("…", self.words.reason(reason))

    @property
    def shops(self) -> Iterator[tuple[str, ...]]:
        """One row a shop: agreed, refused, saved, at risk, p95, cases that need a person."""
        for one in self.day.figures.shops:
            yield self._row(self.shop(one.shop), one)

    def _row(self, name: str, one: ShopFigures) -> tuple[str, ...]:
        p95 = "—" if one.to_act.p95_s is None else self._told.lasting(one.to_act.p95_s)
        held = one.states.get(CaseStatus.HELD, 0) + one.states.get(CaseStatus.FAILED, 0)
        sums = (one.moved.agreed, one.moved.refused, one.saved.whole, one.risk)
        return (name, *map(yuan, sums), p95, str(held))

    @property
    def missed_runs(self) -> Iterator[Line]:
        for one in self.day.bulletin.missed_runs:
            job, _, shop = one.duty.partition(" ")
            told = {"count": str(one.count), "first": when(one.first), "last": when(one.last)}
            what = " ".join(filter(None, [self.words.say.text_of(f"job.{job}"), shop and self.shop(shop)]))
            yield Line(when(one.first), what, self.words.say.text_of(f"missed_run.{one.cause}", what=what, **told))

    @property
    def alarms(self) -> Iterator[Line]:
        """The same one several times is one line with its number; the newest first."""
        found: dict[tuple[str, str], list[Notice]] = {}
        for one in sorted(self.day.bulletin.alarms, key=lambda notice: notice.at, reverse=True):
            found.setdefault((one.reason.code, one.shop), []).append(one)
        for (_, shop), all_of in found.items():
            first = all_of[0]
            times = self.text("times", count=len(all_of)) if len(all_of) > 1 else ""
            where = " · ".join(filter(None, [self.shop(shop), first.case_id if not times else "", times]))
            yield Line(when(first.at), self.words.reason(first.reason), masking.visible(where), first.urgency)

    def shop(self, key: str) -> str:
        """Its own name where the settings have one."""
        return masking.text(self.day.names.get(key, key), longest=60)

    def _cases(self, tally: Tally) -> str:
        return self.words.cases(tally.cases)


def page(view: View, workbook: str) -> str:
    """The file's text; nothing in it asks for anything outside of it."""
    say = view.words.say
    return fill("daily.html.j2", say.language, page=view, t=view.text, workbook=workbook)


def plots(figures: DayFigures, say: Catalogue) -> str:
    """The drawings alone, as HTML for a page that has their styles."""
    told = Told(say)
    return part("plots.html.j2", drawings=Drawings(told, figures).all(), t=told.text)


def mail_page(view: View, report: str) -> str:
    """The short page of a mail: tables with attributes, since many mail readers drop styles and drawings."""
    return fill("daily_mail.html.j2", view.words.say.language, page=view, t=view.text, report=report)


def subject(view: View) -> str:
    """Of the mail."""
    whole = view.day.figures.whole
    told = {"agreed": yuan(whole.moved.agreed), "saved": yuan(whole.saved.whole), "held": len(view.day.held)}
    return view.text("subject", title=view.title, **told)


def _tone(until: datetime | None, now: datetime) -> str:
    if until is None:
        return "calm"
    left = until.astimezone(SHANGHAI) - now
    return "urgent" if left <= URGENT else "soon" if left <= _SOON else "calm"
