"""The drawings of a day's page: money by outcome day by day, time to act, deadlines ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.catalogue import Catalogue, Language
from bot.domain.action import Verb
from bot.domain.money import Money
from bot.ports.figures import EDGES_S, GOAL_CASE_S, NOTHING, DayFigures, Tally
from bot.report import plots
from bot.report.plots import Plot, Series

URGENT = timedelta(hours=6)
_UNITS = (("days", 86_400), ("hours", 3600), ("minutes", 60))
_FEN_OF_YUAN = 100
_TEN_THOUSAND, _THOUSAND = 10_000, 1_000
_A_WEEK = 7
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
class Told:
    """A day's words in one language."""

    say: Catalogue

    def text(self, key: str, **params: object) -> str:
        """The entry `daily.<key>`."""
        return self.say.text_of(f"daily.{key}", **params)

    def lasting(self, seconds: int) -> str:
        """A duration in its largest unit, with one decimal where that says more."""
        for unit, size in _UNITS:
            if seconds >= size:
                return self.text(f"lasting.{unit}", value=f"{seconds / size:.1f}".removesuffix(".0"))
        return self.text("lasting.seconds", value=seconds)

    def upto(self, seconds: int) -> str:
        """A bin's end in so few characters that it fits below a column."""
        unit, size = next(((unit, size) for unit, size in _UNITS if seconds >= size), ("seconds", 1))
        return self.text(f"short.{unit}", value=seconds // size)

    def short(self, fen: int) -> str:
        """Money in so few characters that it fits beside a line."""
        yuan = fen / _FEN_OF_YUAN
        size, unit = (_TEN_THOUSAND, "万") if self.say.language is Language.ZH else (_THOUSAND, "k")
        return f"¥{yuan / size:,.1f}".removesuffix(".0") + unit if yuan >= size else f"¥{yuan:,.0f}"


@dataclass(frozen=True, slots=True)
class Drawings:
    """Made from the figures of all shops together."""

    told: Told
    figures: DayFigures

    def all(self) -> tuple[Plot, ...]:
        """In the order of the page."""
        return self._by_day(), self._histogram(), self._load()

    def _by_day(self) -> Plot:
        days = sorted({one.day for one in self.figures.days})
        if days:
            last = self.figures.span.last
            days = [last - timedelta(days=back) for back in range((last - days[0]).days, -1, -1)]
        place = {day: number for number, day in enumerate(days)}
        sums = {verb: [0] * len(days) for verb, _ in OUTCOMES}
        for one in self.figures.days:
            for verb, tally in one.by.items():
                sums[verb][place[one.day]] += tally.fen
        series = [Series(self.told.say.name(verb), tone, sums[verb]) for verb, tone in OUTCOMES]
        told = {
            name: str(Money(sum(sums[verb])))
            for name, verb in (("refunds", Verb.AGREE_REFUND), ("refused", Verb.REFUSE))
        }
        words = self._around("by_day", "col.day", days=len(days), **told)
        return plots.columns(
            words, [f"{day:%m-%d}" for day in days], series, self.told.short, 1 if len(days) <= 7 else 2
        )  # a week fits

    def _histogram(self) -> Plot:
        took = self.figures.whole.to_act
        labels = [self.told.upto(edge) for edge in EDGES_S] + [self.told.text("longer")]
        quick = [count if number < EDGES_S.index(GOAL_CASE_S) + 1 else 0 for number, count in enumerate(took.bins)]
        slow = [count - fast for count, fast in zip(took.bins, quick, strict=True)]
        goal = self.told.lasting(GOAL_CASE_S)
        series = [
            Series(self.told.text("within", goal=goal), _BLUE, quick),
            Series(self.told.text("beyond", goal=goal), _ORANGE, slow),
        ]
        words = self._around("histogram", "col.took", count=took.count, quick=sum(quick), goal=goal)
        return plots.columns(words, labels, series, lambda value: f"{value:,}")

    def _load(self) -> Plot:
        hours = self.figures.whole.load
        near = [hour.load.cases if hour.at - self.figures.at < URGENT else 0 for hour in hours]
        far = [hour.load.cases - close for hour, close in zip(hours, near, strict=True)]
        series = [Series(self.told.text("near"), _RED, near), Series(self.told.text("far"), _SKY, far)]
        total = sum((hour.load for hour in hours), NOTHING)
        words = self._around("load", "col.hour", cases=total.cases, amount=yuan(total))
        return plots.columns(words, [f"{hour.at:%H}" for hour in hours], series, lambda value: f"{value:,}", 3)

    def _around(self, key: str, first: str, **told: object) -> plots.Words:
        title, note = self.told.text(f"plot.{key}"), self.told.text(f"plot.{key}_note")
        return plots.Words(title, note, f"{title}: {self.told.text(f'plot.{key}_alt', **told)}", self.told.text(first))


def yuan(tally: Tally) -> str:
    """Its money in words."""
    return str(Money(tally.fen))
