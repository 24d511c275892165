"""One shop's part of the report: money by outcome, deadlines of what is held, holds by reason, what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.decision import Reason
from bot.domain.money import ZERO, Money
from bot.ports.ledger import CaseLine
from bot.report import masking
from bot.report.card import buyer_of
from bot.report.cards import Cards
from bot.report.ending import OPEN, Ending, Sum, claim_of, ending_of, fees, refunded, sums
from bot.report.grounds import fact_of
from bot.report.phrases import Words, in_language, when
from bot.report.section import Bar, Group, Held, Section, Strange, Tile
from bot.report.source import ShopRun, unknown_words

_FULL = 1000
"""Width of a bar's drawing, in its own units."""

_MOST_DEADLINES = 8
_URGENT = timedelta(hours=6)
_SOON = timedelta(hours=24)

_OF_GROUP = frozenset({"strategy", "verb"})
"""Parameters that make a reason another one; the others differ from case to case."""

UNREADABLE = "list.unreadable"
"""The runner's reason for a row that nobody can read."""


@dataclass(frozen=True, slots=True)
class Shops:
    """Makes the section of one run."""

    run: ShopRun
    words: Words
    cards: Cards

    def section(self) -> Section:
        run, told = self.run, sums(self.run.lines, acting=self.run.acting)
        held = [line for line in run.lines if ending_of(line, acting=run.acting) in OPEN]
        return Section(
            anchor=self.cards.prefix,
            name=masking.text(run.sweep.name or run.sweep.shop, longest=60),
            posture=self.words.say.text_of(f"posture.{run.sweep.posture}"),
            acting=run.acting,
            facts=tuple(self._facts()),
            lede=self._lede(told),
            warnings=tuple(self._warnings()),
            tiles=tuple(self._tiles(told)),
            stack=tuple(self._stack(told)),
            bars=tuple(self._bars(told)),
            deadlines=tuple(self._deadlines(held)),
            more_deadlines=max(0, sum(line.deadline is not None for line in held) - _MOST_DEADLINES),
            groups=tuple(self._groups(held)),
            labels=tuple(self._labels()),
            rows=tuple(self._rows()),
            cards=self.cards.all(),
            endings=tuple((one.ending, self.words.name(one.ending), one.count) for one in told if one.count),
        )

    def _facts(self) -> Iterator[str]:
        """The frame: when, which run, under which rules."""
        run, text = self.run, self.words.text
        end = when(run.closed_at)[-5:] if run.closed_at else text("broken_off")
        yield f"{when(run.opened_at)} – {end}"
        by = run.decided_by(run.policy_hash)
        policy = in_language(by.name, self.words.say.language) if by else ""
        yield text("frame.policy", name=policy, hash=run.policy_hash[:10])
        yield text("frame.run", run=masking.visible(run.run))

    def _lede(self, told: Iterable[Sum]) -> str:
        """The whole run in one or two sentences."""
        by = {one.ending: one for one in told}
        total = sum(one.count for one in by.values())
        wait = sum(by[ending].count for ending in OPEN)
        quiet = by[Ending.WAITING].count + by[Ending.FOREIGN].count
        key = f"lede.{'acted' if self.run.acting else 'looked'}{'' if quiet else '_all'}"
        return self.words.text(key, total=total, done=total - wait - quiet, held=wait, quiet=quiet)

    def _warnings(self) -> Iterator[str]:
        sweep, text = self.run.sweep, self.words.text
        if sweep.stopped is not None:
            cure = self.words.say.cure(sweep.stopped)
            yield " → ".join(filter(None, [text("warn.stopped", why=self.words.reason(sweep.stopped)), cure]))
        if self.run.closed_at is None:
            yield text("warn.broken_off")
        yield from map(self.words.reason, sweep.notes)
        if sweep.resting:
            yield text("warn.resting", count=sweep.resting)
        if sweep.late:
            yield text("warn.late", count=sweep.late)
        if sweep.unreadable:
            yield text("warn.unreadable", count=sweep.unreadable)

    def _tiles(self, told: Iterable[Sum]) -> Iterator[Tile]:
        by, acting = {one.ending: one for one in told}, self.run.acting
        paid = sum(map(refunded, self.run.lines), ZERO) if acting else by[Ending.REFUNDED].amount
        fee = sum(map(fees, self.run.lines), ZERO)
        mode = "did" if acting else "would"
        cost = self.words.text("fees", amount=fee) if fee != ZERO else ""
        yield self._tile(f"tile.{mode}.refunded", by[Ending.REFUNDED], paid)
        yield self._tile(f"tile.{mode}.refused", by[Ending.REFUSED])
        yield self._tile(f"tile.{mode}.intercepted", by[Ending.INTERCEPTED], note=cost)
        yield self._tile("tile.held", by[Ending.HELD])
        trouble = Sum(
            Ending.UNKNOWN,
            by[Ending.UNKNOWN].count + by[Ending.FAILED].count,
            by[Ending.UNKNOWN].amount + by[Ending.FAILED].amount,
        )
        yield self._tile("tile.unknown", trouble)

    def _tile(self, key: str, one: Sum, amount: Money | None = None, note: str = "") -> Tile:
        value = one.amount if amount is None else amount
        cases = self.words.cases(one.count)
        return Tile(self.words.text(key), str(value), f"{cases} · {note}" if note else cases, one.ending)

    def _bars(self, told: Iterable[Sum]) -> Iterator[Bar]:
        """Money by ending, each beside the largest."""
        told = [one for one in told if one.count]
        largest = max((one.amount.fen for one in told), default=0)
        for one in told:
            note = self.words.cases(one.count)
            width = _share(one.amount.fen, largest)
            yield Bar(self.words.name(one.ending), str(one.amount), note, one.ending.value, width)

    def _stack(self, told: Iterable[Sum]) -> Iterator[Bar]:
        """All endings in one line, so that the whole can be seen at once."""
        told = [one for one in told if one.amount.fen]
        total, start = sum(one.amount.fen for one in told), 0
        for one in told:
            width = round(one.amount.fen * _FULL / total)
            yield Bar(self.words.name(one.ending), str(one.amount), "", one.ending.value, width, start)
            start += width

    def _deadlines(self, held: Iterable[CaseLine]) -> Iterator[Bar]:
        """What waits for a person and runs out, the nearest first."""
        dated = [(line, line.deadline) for line in held if line.deadline is not None]
        shown = sorted(dated, key=lambda pair: pair[1])[:_MOST_DEADLINES]
        now = self.run.moment
        longest = max(((until - now).total_seconds() for _, until in shown), default=0.0)
        for line, until in shown:
            width = _share(int((until - now).total_seconds()), int(longest))
            claim, left = str(claim_of(line) or ""), self.words.left(until, now)
            yield Bar(left, claim, self.cards.kind(line), _tone(until, now), width, link=self.cards.anchor(line))

    def _groups(self, held: Iterable[CaseLine]) -> Iterator[Group]:
        """By first reason; the group with the nearest deadline first, within it the nearest case first."""
        found: dict[str, list[CaseLine]] = {}
        for line in sorted(held, key=lambda one: (one.deadline is None, one.deadline or self.run.moment)):
            found.setdefault(self._why(line), []).append(line)
        for reason, lines in found.items():
            nearest = lines[0].deadline
            yield Group(
                reason=reason[:1].upper() + reason[1:],
                size=len(lines),
                count=self.words.cases(len(lines)),
                amount=str(sum((claim_of(line) or ZERO for line in lines), ZERO)),
                nearest=self.words.left(nearest, self.run.moment) if nearest else self.words.text("left.unknown"),
                tone=_tone(nearest, self.run.moment) if nearest else "calm",
                cases=tuple(map(self._held, lines)),
            )

    def _why(self, line: CaseLine) -> str:
        """The first reason without what differs from case to case."""
        if not line.reasons:
            return self.words.text("nothing_said")
        first = line.reasons[0]
        if first.code == "hold.strategy":
            return self.words.short(first.params.get("strategy", ""))
        params = {key: value if key in _OF_GROUP else "…" for key, value in first.params.items()}
        return self.words.reason(first.model_copy(update={"params": params}))

    def _held(self, line: CaseLine) -> Held:
        until, buyer, now = line.deadline, buyer_of(line), self.run.moment
        claim = claim_of(line)
        return Held(
            anchor=self.cards.anchor(line),
            case_id=masking.cut(masking.visible(line.case.aftersale_id), 48),
            kind=self.cards.kind(line),
            buyer=masking.name(buyer),
            amount=str(claim) if claim else "—",
            deadline=when(until) if until else "",
            left=self.words.left(until, now) if until else self.words.text("left.unknown"),
            tone=_tone(until, now) if until else "calm",
            owner=masking.text(line.owner, longest=40),
            also=" · ".join(self._also(line, buyer)),
        )

    def _also(self, line: CaseLine, buyer: str) -> Iterator[str]:
        """Further grounds of the hold, and what differs within its group; plain facts stand in the case's card."""
        for place, reason in enumerate(line.reasons):
            if place and reason.code == "hold.strategy":
                yield self.words.short(reason.params.get("strategy", ""))
            elif reason.code.startswith("missing.") or (reason.params and not fact_of(reason) and _differs(reason)):
                yield self.words.reason(reason, buyer)

    def _labels(self) -> Iterator[Strange]:
        for line in self.run.lines:
            for label in unknown_words(line.snapshot, self.run.trails.get(line.case, {})):
                text = masking.text(label, buyer=buyer_of(line), longest=120)
                yield Strange(text, line.case.aftersale_id, self.cards.anchor(line))

    def _rows(self) -> Iterator[Strange]:
        for line in self.run.lines:
            for reason in line.reasons:
                if reason.code == UNREADABLE:
                    text = masking.text(reason.params.get("raw", ""))
                    yield Strange(text, line.case.aftersale_id, self.cards.anchor(line))


def _differs(reason: Reason) -> bool:
    """Whether the sentence holds more than its group's heading says."""
    return bool(reason.params.keys() - _OF_GROUP)


def _share(part: int, whole: int) -> int:
    """Thousandths, never so thin that a row that exists cannot be seen."""
    return max(6, round(part * _FULL / whole)) if whole > 0 and part > 0 else 6


def _tone(until: datetime, now: datetime) -> str:
    left = until - now
    return "urgent" if left <= _URGENT else "soon" if left <= _SOON else "calm"
