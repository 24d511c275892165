"""policy.toml at the console: looked at, checked, rehearsed, saved, switched and put in order; every version that was kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app import autonomy, rehearsing
from bot.app.policies import Decided
from bot.catalogue import Catalogue
from bot.config import HomeFiles
from bot.config.documents import Document, parse_document, read_document
from bot.config.editing import alone_with, put, walk, with_keys
from bot.config.lastgood import keep_last_good, last_good
from bot.config.problems import Problem
from bot.config.rules import read_rules
from bot.config.swapping import swap_in
from bot.domain.money import Money
from bot.engine.check import Severity, check_policy
from bot.engine.policy import Policy
from bot.engine.reorder import Step, steps
from bot.engine.scenes import WAITS
from bot.engine.strategies import Strategy
from bot.errors import ConfigError
from bot.ledger.office import OfficeReader
from bot.ports.office import REHEARSED_DAYS
from bot.ports.office_views import Check, Mistake, PolicyView, StrategyLine, Told, Trial, Version
from bot.report.check_words import Words
from bot.report.phrases import Words as Phrases

MOST_KINDS = 4
"""Kinds of cases that a finding lists."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A change that is not written yet: `text` in the place of `before`, whose policy has the hash `base`; `steps` where it is walked."""

    before: str
    text: str
    base: str
    policy: Policy
    steps: tuple[Step, ...] = ()


class PolicyDesk:
    """All of it, over one home's files and its ledger."""

    def __init__(self, files: HomeFiles, reader: OfficeReader) -> None:
        self._files = files
        self._reader = reader

    def document(self) -> Document:
        return read_document(self._files.policy)

    def in_force(self) -> tuple[Policy | None, Document]:
        """The file's policy, or the last whole one while it is broken."""
        document = self.document()
        policy, _ = read_rules(document)
        if policy is None and (kept := last_good(self._files.last_good)) is not None:
            return read_rules(kept)[0], document
        return policy, document

    def view(self, day: str) -> PolicyView:
        """As it stands; of a file that is broken the strategies of the last whole one."""
        policy, document = self.in_force()
        _, problems = read_rules(document)
        lines = tuple(self._lines(policy, document, day)) if policy else ()
        return PolicyView(
            name=policy.name if policy else "",
            text=document.text or self._raw(),
            hash=policy.hash if policy else "",
            strategies=lines,
            broken=tuple(Mistake(line=one.line, key=one.key, reason=one.reason) for one in problems),
        )

    def _raw(self) -> str:
        """A text that is no TOML can still be edited."""
        try:
            return self._files.policy.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return ""

    def _lines(self, policy: Policy, document: Document, day: str) -> Iterator[StrategyLine]:
        spent = self._spent(day)
        earned = {one.strategy: one for one in autonomy.standing(self._reader, policy)}
        names = Words(Catalogue("en"), policy, document)
        waits = {form.id + WAITS for form in policy.scene}  # they come and go with their scene
        for place in sorted(policy.placed, key=lambda one: one.rank):
            strategy = place.strategy
            if strategy.id in waits:
                continue
            scene = policy.scene_of.get(strategy.id)
            yield StrategyLine(
                id=strategy.id,
                name=strategy.name,
                verb=strategy.verb.value,
                scene=scene.value if scene else "",
                on=strategy.on,
                rank=place.rank,
                line=names.line_of(strategy.id),
                group=scene.value if scene else "own",
                cap_day=_cap(strategy),
                spent=spent.get(strategy.id, Money(0)),
                earned=earned.get(strategy.id),
            )

    def _spent(self, day: str) -> Mapping[str, Money]:
        """Of all shops: the cap of a day is each shop's own, the sum says where the money goes."""
        sums: dict[str, Money] = {}
        for line in self._reader.budgets(day):
            kind, _, name = line.scope.partition(":")
            if kind in {"strategy", "agreed"}:
                sums[name] = sums.get(name, Money(0)) + line.posted + line.pending
        return sums

    def check(self, text: str, say: Catalogue, today: datetime) -> Check:
        """Mistakes by line; of a whole policy its holes and quarrels too."""
        document = parse_document("policy.toml", text)
        policy, problems = read_rules(document)
        if policy is None:
            return Check(whole=False, findings=tuple(_problem(one, say) for one in problems))
        words = Words(say, policy, document)
        found = check_policy(policy, today.date(), lambda *_: None)
        return Check(
            whole=True,
            findings=tuple(
                Told(
                    line=words.line(one),
                    severity="error" if one.severity is Severity.ERROR else "warning",
                    what=words.headline(one),
                    more=(
                        *words.because(one),
                        *(words.traits(pattern, one) for pattern in one.patterns[:MOST_KINDS]),
                    ),
                )
                for one in found
            ),
        )

    def rehearse(self, text: str, days: int, say: Catalogue, now: datetime) -> Trial:
        """The check, and what it would have done on the past; nothing is written."""
        check, since = self.check(text, say, now), now - timedelta(days=days)
        policy = read_rules(parse_document("policy.toml", text))[0]
        if policy is None or not self._reader.past_count(since):
            return Trial(check=check)
        rehearsal = rehearsing.rehearsed(self._reader, policy, since, lambda *_: None)
        current, _ = self.in_force()
        words = Phrases.of(say, policy, *([current] if current else []))
        return Trial(check=check, rehearsal=rehearsing.told(rehearsal, policy, words, since))

    def moved(self, text: str, now: datetime) -> Money | None:
        """What it would have paid out more than was, in the last `REHEARSED_DAYS`; None without a past. Raises ConfigError: no policy."""
        policy, since = _whole(text), now - timedelta(days=REHEARSED_DAYS)
        if not self._reader.past_count(since):
            return None
        return rehearsing.paid_more(rehearsing.rehearsed(self._reader, policy, since, lambda *_: None).flips())

    def save(self, text: str, base: str) -> Policy:
        """Write the file where it is still the one that was edited. Raises ConfigError: no policy, somebody was first, not writable."""
        with self.ready(text, base) as write:
            return write()

    @contextmanager
    def ready(self, text: str, base: str) -> Iterator[Callable[[], Policy]]:
        """What writes it, once nothing stands in its way any more; nobody else writes while the block runs. Raises ConfigError, as above."""
        policy = _whole(text)
        with alone_with(self._files.policy):
            current, document = self.in_force()
            if base != (current.hash if current else ""):
                raise ConfigError(
                    "policy.toml changed meanwhile", page=str(self._files.policy), code="policy.overtaken"
                )

            def write() -> Policy:
                if document.text:
                    keep_last_good(self._files.last_good, text)
                swap_in(self._files.policy, text)
                return policy

            yield write

    def switched(self, strategy: str, *, on: bool) -> Draft:
        """One strategy on or off. Raises ConfigError: it has no table of its own, or the file is broken."""
        before = self.document().text
        text = with_keys(before, {strategy: {"active": on}})
        return Draft(before, text, _whole(before).hash, _whole(text))

    def switch(self, strategy: str, *, on: bool) -> Draft:
        """The same, read and written without anybody between: what somebody else writes at this moment is kept. Raises ConfigError."""
        with alone_with(self._files.policy):
            draft = self.switched(strategy, on=on)
            swap_in(self._files.policy, draft.text)
        return draft

    def reordered(self, wanted: Sequence[str]) -> Draft:
        """All off, the order, then on one by one. Raises ConfigError: no such order, or the file is broken."""
        before = self.document().text
        policy = _whole(before)
        try:
            planned = steps(policy, wanted)
        except ValueError as error:
            raise ConfigError(str(error), code="policy.no_order") from error
        text = before
        for step in planned:
            text = with_keys(text, step.changes)
        return Draft(before, text, policy.hash, _whole(text), planned)

    def write(self, draft: Draft) -> None:
        """As it was drafted, an order step by step. Raises ConfigError: the file is not any more what it was drafted from."""
        if draft.steps:
            walk(self._files.policy, draft.steps, lambda *_: None, before=draft.before)
        else:
            put(self._files.policy, draft.before, draft.text)

    def versions(self) -> Iterator[Version]:
        """Every policy that is kept, the newest first."""
        current, _ = self.in_force()
        decided = Decided(self._reader, current) if current else None
        for kept, at in self._reader.policy_ages():
            policy = decided.by(kept) if decided else None
            yield Version(
                hash=kept,
                name=policy.name if policy else "",
                kept_at=at,
                current=current is not None and kept == current.hash,
            )


def _whole(text: str) -> Policy:
    policy, problems = read_rules(parse_document("policy.toml", text))
    if policy is None:
        raise ConfigError("; ".join(map(str, problems)), code="policy.not_whole", raw=str(problems[0]))
    return policy


def _cap(strategy: Strategy) -> Money | None:
    return getattr(strategy, "cap_day", None)


def _problem(one: Problem, say: Catalogue) -> Told:
    key = f"{one.key}: " if one.key else ""
    return Told(line=one.line, severity="error", what=f"{key}{say.text(one.reason)}")
