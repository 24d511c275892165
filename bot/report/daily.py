"""The page of a day: what it was worth, beside what it takes by hand, and what needs a person now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.catalogue import Catalogue, Language
from bot.catalogue.catalogue import PLACEHOLDER
from bot.domain.action import Verb
from bot.domain.base import SHANGHAI
from bot.domain.case import AftersaleType
from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.engine.policy import Policy
from bot.ports.figures import (
    EDGES_S,
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
from bot.report import masking, plots
from bot.report.phrases import Words, exact, when
from bot.report.plots import Plot, Series
from bot.report.render import fill

AT_FIRST, LISTED = 20, 200
"""Cases that need a person: so many at first sight, so many on the page; the workbook has all of them."""

MAILED = 20
"""Of them, as many as stand in the mail itself."""

_URGENT, _SOON = timedelta(hours=6), timedelta(hours=24)
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
_UNITS = (("days", _DAY_S), ("hours", _HOUR_S), ("minutes", _MINUTE_S))
_FEN_OF_YUAN = 100
_TEN_THOUSAND, _THOUSAND = 10_000, 1_000
_BLUE, _SKY, _GREEN, _ORANGE, _RED, _PINK = "c1", "c2", "c3", "c4", "c5", "c6"
"""Okabe and Ito's colours, which people with any of the three colour blindnesses tell apart."""

OUTCOMES = (
    (Verb.AGREE_REFUND, _BLUE),
    (Verb.NEGOTIATE, _SKY),
    (Verb.AGREE_RETURN, _PINK),
    (Verb.INTERCEPT, _ORANGE),
    (Verb.REFUSE, _GREEN),
    (Verb.COMPLAIN, _RED),
)


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
        self._whole, self._now = day.figures.whole, day.figures.at

    def text(self, key: str, **params: object) -> str:
        """The entry `daily.<key>`."""
        return self._say.text_of(f"daily.{key}", **params)

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
        told = {"done": self._whole.to_act.count, "saved": _yuan(whole.saved.whole), "held": wait}
        return self.text("lede_quiet" if not wait else "lede", **told)

    @property
    def tiles(self) -> Iterator[tuple[str, str, str, str]]:
        """Tone, label, value and note of each large number."""
        whole = self._whole
        moved = whole.moved
        yield "refunded", self.text("tile.agreed"), _yuan(moved.agreed), self._cases(moved.agreed)
        stood = self.text("tile.of_refused", count=moved.refused.cases)
        yield (
            "refused",
            self.text("tile.refused"),
            _yuan(whole.saved.refused),
            f"{self._cases(whole.saved.refused)} · {stood}",
        )
        yield "intercepted", self.text("tile.saved"), _yuan(whole.saved.whole), self._cases(whole.saved.whole)
        soon = sum(whole.at_risk[1:4], NOTHING)
        yield (
            "held",
            self.text("tile.risk"),
            _yuan(whole.risk),
            self.text("tile.soon", count=soon.cases, amount=_yuan(soon)),
        )
        hours = self.text("hours", hours=f"{whole.minutes_saved / _MINUTE_S:,.1f}")
        yield (
            "noted",
            self.text("tile.time"),
            hours,
            self.text("tile.each", count=whole.to_act.count, minutes=SEED_CASE_MIN),
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
            "beside.due_note", missed=due.missed.cases, amount=_yuan(due.missed), unclear=due.unclear.cases
        )
        ours = self.text("beside.of", part=due.met.cases, whole=total) if total else "—"
        yield Beside(self.text("beside.due"), ours, detail, "", None if not total else not due.missed.cases)

    def _beside(self, key: str, took: Delays, by_hand: str, goal_s: int) -> Beside:
        label = self.text(f"beside.{key}")
        if took.p95_s is None or took.p50_s is None:
            return Beside(label, "—", self.text("beside.none"), by_hand, None)
        told = {"p50": self.lasting(took.p50_s), "count": took.count, "goal": self.lasting(goal_s)}
        return Beside(label, self.lasting(took.p95_s), self.text("beside.note", **told), by_hand, took.p95_s <= goal_s)

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
                yield Line(self.text(f"money.{key}"), _yuan(tally), self._cases(tally))
        if moved.fees_fen:
            yield Line(self.text("money.fees"), str(Money(moved.fees_fen)))
        for key, tally in (
            ("refused", saved.refused),
            ("returned", saved.returned),
            ("differences", saved.differences),
        ):
            if tally.cases:
                yield Line(self.text(f"saved.{key}"), _yuan(tally), self._cases(tally), "saved")

    @property
    def drawings(self) -> Iterator[Plot]:
        yield self._by_day()
        yield self._histogram()
        yield self._load()

    def _by_day(self) -> Plot:
        days = sorted({one.day for one in self.day.figures.days})
        if days:
            last = self.day.figures.span.last
            days = [last - timedelta(days=back) for back in range((last - days[0]).days, -1, -1)]
        place = {day: number for number, day in enumerate(days)}
        sums = {verb: [0] * len(days) for verb, _ in OUTCOMES}
        for one in self.day.figures.days:
            for verb, tally in one.by.items():
                sums[verb][place[one.day]] += tally.fen
        series = [Series(self._say.name(verb), tone, sums[verb]) for verb, tone in OUTCOMES]
        told = {
            name: str(Money(sum(sums[verb])))
            for name, verb in (("refunds", Verb.AGREE_REFUND), ("refused", Verb.REFUSE))
        }
        words = self._around("by_day", "col.day", days=len(days), **told)
        return plots.columns(
            words, [f"{day:%m-%d}" for day in days], series, self._short, 1 if len(days) <= 7 else 2
        )  # a week fits

    def _histogram(self) -> Plot:
        took = self._whole.to_act
        labels = [self._upto(edge) for edge in EDGES_S] + [self.text("longer")]
        quick = [count if number < EDGES_S.index(GOAL_CASE_S) + 1 else 0 for number, count in enumerate(took.bins)]
        slow = [count - fast for count, fast in zip(took.bins, quick, strict=True)]
        goal = self.lasting(GOAL_CASE_S)
        series = [
            Series(self.text("within", goal=goal), _BLUE, quick),
            Series(self.text("beyond", goal=goal), _ORANGE, slow),
        ]
        words = self._around("histogram", "col.took", count=took.count, quick=sum(quick), goal=goal)
        return plots.columns(words, labels, series, lambda value: f"{value:,}")

    def _load(self) -> Plot:
        hours = self._whole.load
        near = [hour.load.cases if hour.at - self._now < _URGENT else 0 for hour in hours]
        far = [hour.load.cases - close for hour, close in zip(hours, near, strict=True)]
        series = [Series(self.text("near"), _RED, near), Series(self.text("far"), _SKY, far)]
        total = sum((hour.load for hour in hours), Tally())
        words = self._around("load", "col.hour", cases=total.cases, amount=_yuan(total))
        return plots.columns(words, [f"{hour.at:%H}" for hour in hours], series, lambda value: f"{value:,}", 3)

    def _around(self, key: str, first: str, **told: object) -> plots.Words:
        title, note = self.text(f"plot.{key}"), self.text(f"plot.{key}_note")
        return plots.Words(title, note, f"{title}: {self.text(f'plot.{key}_alt', **told)}", self.text(first))

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
                _yuan(ground.holds),
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
        p95 = "—" if one.to_act.p95_s is None else self.lasting(one.to_act.p95_s)
        held = one.states.get(CaseStatus.HELD, 0) + one.states.get(CaseStatus.FAILED, 0)
        sums = (one.moved.agreed, one.moved.refused, one.saved.whole, one.risk)
        return (name, *map(_yuan, sums), p95, str(held))

    @property
    def missed_runs(self) -> Iterator[Line]:
        for one in self.day.bulletin.missed_runs:
            yield Line(when(one.due_at), masking.visible(one.what), self.words.reason(one.reason))

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

    def lasting(self, seconds: int) -> str:
        """A duration in its largest unit, with one decimal where that says more."""
        for unit, size in _UNITS:
            if seconds >= size:
                return self.text(f"lasting.{unit}", value=f"{seconds / size:.1f}".removesuffix(".0"))
        return self.text("lasting.seconds", value=seconds)

    def _upto(self, seconds: int) -> str:
        """A bin's end in so few characters that it fits below a column."""
        unit, size = next(((unit, size) for unit, size in _UNITS if seconds >= size), ("seconds", 1))
        return self.text(f"short.{unit}", value=seconds // size)

    def _cases(self, tally: Tally) -> str:
        return self.words.cases(tally.cases)

    def _short(self, fen: int) -> str:
        """Money in so few characters that it fits beside a line."""
        yuan = fen / _FEN_OF_YUAN
        size, unit = (_TEN_THOUSAND, "万") if self._say.language is Language.ZH else (_THOUSAND, "k")
        return f"¥{yuan / size:,.1f}".removesuffix(".0") + unit if yuan >= size else f"¥{yuan:,.0f}"


def page(view: View, workbook: str) -> str:
    """The file's text; nothing in it asks for anything outside of it."""
    say = view.words.say
    return fill("daily.html.j2", say.language, page=view, t=view.text, workbook=workbook)


def mail_page(view: View, report: str) -> str:
    """The short page of a mail: tables with attributes, since many mail readers drop styles and drawings."""
    return fill("daily_mail.html.j2", view.words.say.language, page=view, t=view.text, report=report)


def subject(view: View) -> str:
    """Of the mail."""
    whole = view.day.figures.whole
    told = {"agreed": _yuan(whole.moved.agreed), "saved": _yuan(whole.saved.whole), "held": len(view.day.held)}
    return view.text("subject", title=view.title, **told)


def _yuan(tally: Tally) -> str:
    return str(Money(tally.fen))


def _tone(until: datetime | None, now: datetime) -> str:
    if until is None:
        return "calm"
    left = until.astimezone(SHANGHAI) - now
    return "urgent" if left <= _URGENT else "soon" if left <= _SOON else "calm"
