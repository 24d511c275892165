"""What a replay came to, held against what was recorded: decisions, calls and ends that differ, and the flips of another policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bot.app.recording import presumed
from bot.browser.rules import GuardedRequest, origin_of
from bot.domain.action import Verb
from bot.domain.decision import Decision, Reason
from bot.domain.ids import RunId
from bot.ports.exits import ExitCode
from bot.ports.ledger import CaseLine, Judged, LedgerReader
from bot.ports.replays import CaseFlip, ReplayResult
from bot.tape.differ import parted, same_decision
from bot.tape.matching import case_of
from bot.tape.play import TapePlayer
from bot.tape.tape import Take, Tape
from flows.registry import platform_of, tape_rules

_UNSENT: Final = "tape.not_sent"
"""What a sweep that only observes differs by on purpose."""


@dataclass(frozen=True, slots=True)
class Came:
    """One take as it came now: each judgement, by case how it ended and why, and whose receipts are only presumed to be ours."""

    judged: tuple[Judged, ...] = ()
    ended: Mapping[str, str] = field(default_factory=dict)
    whys: Mapping[str, str] = field(default_factory=dict)
    presumed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, ledger: LedgerReader, run: RunId) -> Came:
        """As the replay's own ledger has it."""
        lines = ledger.lines(run)
        return cls(
            tuple(ledger.decisions(run)),
            {line.case.aftersale_id: line.status for line in lines},
            {line.case.aftersale_id: _why(line) for line in lines},
            presumed(lines),
        )


class Told:
    """What the replayed takes came to, beside what was recorded."""

    def __init__(self, player: TapePlayer, *, other_policy: bool) -> None:
        self._player = player
        self._other_policy = other_policy
        self._decisions = 0
        self._cases: set[str] = set()
        self._differences: list[Reason] = []
        self._flips: list[CaseFlip] = []
        self._decided: dict[str, Decision] = {}

    def add(self, take: Take, came: Came, stopped: Reason | None) -> None:
        """Hold one take against its recording; `stopped`: why this one was left early, which explains whatever differs."""
        then, now = _by_case(take.judged), _by_case(came.judged)
        self._decisions += len(came.judged)
        self._cases |= now.keys()
        seen, self._player.differences = self._player.differences, []
        self._decided.update({case: decisions[0] for case, decisions in now.items()})
        before, shared = len(self._differences), sorted(then.keys() & now.keys())
        self._differences += [one for one in seen if not (self._other_policy and one.code == _UNSENT)]
        self._differences += _apart(then, now, gone="tape.case_gone", new="tape.case_new")
        if self._other_policy:
            self._flips += [flip for case in shared for flip in _flip(case, then[case], now[case])]
        else:
            self._differences += [one for case in shared for one in _parted(case, then[case], now[case])]
            self._differences += _ends(take.ended, came)
            self._differences += _apart(take.presumed, came.presumed, gone="tape.proven", new="tape.presumed")
        if stopped is not None and len(self._differences) > before:
            self._differences.insert(before, Reason(code="tape.stopped", params={"why": _because(stopped)}))

    def beside(self, done: Mapping[str, Verb]) -> None:
        """Hold what a person did against what the robot decided on the same cases before."""
        self._flips += [
            CaseFlip(case=case, was=verb, now=self._decided[case].verb, why=self._decided[case].reasons)
            for case, verb in sorted(done.items())
            if case in self._decided and self._decided[case].verb is not verb
        ]

    def result(self, path: Path, seconds: float) -> ReplayResult:
        """All of it."""
        return ReplayResult(
            tape=str(path),
            takes=len(self._player.tape.label.takes),
            cases=len(self._cases),
            decisions=self._decisions,
            calls=len(self._player.calls),
            differences=tuple(self._differences),
            flips=tuple(self._flips),
            other_policy=self._other_policy,
            seconds=round(seconds, 3),
            exit_code=ExitCode.HELD if self._differences else ExitCode.DONE,
        )


def deeds(tape: Tape, place: int) -> dict[str, Verb]:
    """What was done to each case in a take, by the first write that left."""
    done: dict[str, Verb] = {}
    for entry in tape.entries:
        platform = tape.label.sites.get(origin_of(entry.asked.url), "")
        if entry.take == place and entry.asked.kind == "write" and not entry.refused:
            rules = platform_of(platform).guard_rules(origin_of(entry.asked.url))
            endpoint = rules.find(GuardedRequest(entry.asked.method, entry.asked.url))
            for verb in endpoint.verbs if endpoint else ():
                done.setdefault(case_of(entry.asked, tape_rules(platform)), verb)
    return done


def _by_case(judged: Iterable[Judged]) -> dict[str, list[Decision]]:
    """Each case's decisions in order; one that only repeats the one before says nothing new."""
    found: dict[str, list[Decision]] = defaultdict(list)
    for one in judged:
        decisions = found[one.decision.case.aftersale_id]
        if not decisions or not same_decision(decisions[-1], one.decision):
            decisions.append(one.decision)
    return found


def _parted(case: str, then: list[Decision], now: list[Decision]) -> list[Reason]:
    if len(then) == len(now) and all(map(same_decision, then, now)):
        return []
    return [Reason(code="tape.decision", params={"case": case, "difference": "; ".join(parted(then[-1], now[-1]))})]


def _apart(then: Iterable[str], now: Iterable[str], *, gone: str, new: str) -> list[Reason]:
    """Cases of one side alone, told by these codes."""
    sides = ((gone, {*then} - {*now}), (new, {*now} - {*then}))
    return [Reason(code=code, params={"case": case}) for code, cases in sides for case in sorted(cases)]


def _flip(case: str, then: list[Decision], now: list[Decision]) -> list[CaseFlip]:
    """By the first decision of each: what came later followed from what had been done."""
    if (then[0].verb, _sum(then[0])) == (now[0].verb, _sum(now[0])):
        return []
    return [CaseFlip(case=case, was=then[0].verb, now=now[0].verb, why=now[0].reasons)]


def _sum(decision: Decision) -> Any:
    return decision.plan.amount if decision.plan else None


def _ends(then: Mapping[str, str], came: Came) -> list[Reason]:
    now = came.ended
    return [
        Reason(
            code="tape.end",
            params={
                "case": case,
                "was": then.get(case, "—"),
                "now": now.get(case, "—"),
                "why": came.whys.get(case, "—"),
            },
        )
        for case in sorted(then.keys() | now.keys())
        if then.get(case) != now.get(case)
    ]


def _why(line: CaseLine) -> str:
    """Which element was missing, where one was; else what the first reason is."""
    return _because(line.reasons[0]) if line.reasons else "—"


def _because(reason: Reason) -> str:
    return " ".join(filter(None, [reason.code, reason.params.get("target", ""), reason.params.get("detail", "")[:200]]))
