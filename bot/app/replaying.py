"""`refundpilot replay`: a recorded sweep once more without a network, and what came out differently."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from pydantic import SecretStr

from bot.app.recording import sites_of
from bot.app.reel import Reel
from bot.app.sweeping import run_sweep
from bot.app.wiring import House
from bot.browser.gate import Heads
from bot.browser.rules import GuardedRequest, origin_of
from bot.clock import SystemClock
from bot.config import Home, HomeFiles, load_home
from bot.config.channels import Alarms
from bot.config.credentials import COURIER, Login, LoginKey
from bot.config.settings import Proofs
from bot.domain.action import Verb
from bot.domain.case import Snapshot
from bot.domain.decision import Decision, Reason
from bot.domain.history import History
from bot.domain.ids import RunId, ShopKey
from bot.errors import TapeError
from bot.ledger import SqlLedger
from bot.ports.exits import ExitCode
from bot.ports.ledger import CaseLine, Judged
from bot.ports.progress import Progress, StopSignal
from bot.ports.replays import CaseFlip, ReplayOptions, ReplayResult
from bot.ports.results import ShopSweep
from bot.ports.wanted import EVERYTHING, Pick, PostureName, Wanted
from bot.runner.orders import Orders
from bot.tape import pack
from bot.tape.clock import TapeClock
from bot.tape.differ import parted, same_decision
from bot.tape.matching import case_of
from bot.tape.play import TapePlayer
from bot.tape.proofs import ReplayedEvidence
from bot.tape.tape import BY_HAND, Take, Tape
from flows.registry import platform_of, tape_rules

UNREAD: Final = Proofs(read="off")
"""The pictures of a tape are stand-ins without a word on them; the real ones were read when it was recorded."""

NOBODY: Final = Login("nobody", SecretStr("nothing"))
"""Signs in to a tape: accounts and passwords are not on it."""


class ReplayedLedger(SqlLedger):
    """A fresh ledger that remembers what the recorded one knew at each decision."""

    known: Mapping[str, deque[History]] = {}
    pace: float | None = None

    def history(self, snapshot: Snapshot, now: datetime) -> History:
        """What the recorded sweep was told; for a case that it never judged, what this one knows."""
        told = self.known.get(snapshot.key.aftersale_id)
        if not told:
            return super().history(snapshot, now)
        return told.popleft() if len(told) > 1 else told[0]

    def seconds_per_case(self, shop: ShopKey, posture: str) -> float | None:
        """The recorded sweep's, or the order of work would be another one."""
        return self.pace or super().seconds_per_case(shop, posture)


class Replaying(Reel):
    """One take of a tape."""

    def __init__(self, tape: Tape, place: int, player: TapePlayer) -> None:
        super().__init__(Heads(player=player), player.clock)
        self.open_ledger = ReplayedLedger
        self._tape = tape
        self.place = place
        self._player = player
        self.judged: tuple[Judged, ...] = ()
        self.ended: dict[str, str] = {}
        self.whys: dict[str, str] = {}

    def furnish(self, house: House) -> House:
        evidence = ReplayedEvidence(house.evidence, self._tape)
        evidence.begin(self.place)
        ledger, take = cast("ReplayedLedger", house.ledger), self._tape.label.takes[self.place]
        ledger.known, ledger.pace = _histories(take), take.seconds_per_case
        return replace(house, evidence=evidence)

    @asynccontextmanager
    async def take(self, house: House, orders: Orders) -> AsyncIterator[None]:
        self._player.begin(self.place)
        try:
            yield
        finally:
            self._player.end()
            self.judged = tuple(house.ledger.decisions(orders.run))
            lines = house.ledger.lines(orders.run)
            self.ended = {line.case.aftersale_id: line.status for line in lines}
            self.whys = {line.case.aftersale_id: _why(line) for line in lines}

    def report(self, house: House, results: Mapping[RunId, ShopSweep]) -> None:
        """None: it would go with the home of the replay, and costs as much as a case."""


def _histories(take: Take) -> dict[str, deque[History]]:
    found: dict[str, deque[History]] = defaultdict(deque)
    for judged in take.judged:
        found[judged.snapshot.key.aftersale_id].append(judged.history)
    return found


async def replay(options: ReplayOptions, progress: Progress, stop: StopSignal) -> ReplayResult:
    """Sweep a tape.

    Args:
        options: the tape, and what stands in the place of what was recorded.
        progress: told while it works.
        stop: once set, the take in hand is finished and no further one begun.

    Raises:
        TapeError: no tape, or an altered one. BadConfig: the policy is none. ConfigError: the selectors are none.
        BrowserMissing.
    """
    tape = await asyncio.to_thread(pack.read, options.tape, altered=options.altered)
    return await play(tape, options, progress, stop)


async def play(tape: Tape, options: ReplayOptions, progress: Progress, stop: StopSignal) -> ReplayResult:
    """As `replay`, of a tape that was read."""
    watch = SystemClock()
    began = watch.monotonic()
    if not tape.label.takes:
        raise TapeError(f"{options.tape}: nothing is on it", page=str(options.tape))
    folder = Path(tempfile.mkdtemp(prefix="refundpilot-replay-"))
    try:
        home = _home(folder, tape, options)
        sites = sites_of(home)
        player = TapePlayer(tape, lambda url: tape_rules(sites.get(origin_of(url), "")), TapeClock(tape.label.made_at))
        told = _Told(player, other_policy=options.policy is not None)
        for place, take in enumerate(tape.label.takes):
            if stop.is_set():
                break
            reel = Replaying(tape, place, player)
            platform, _, shop = take.shop.partition("/")
            if take.posture == BY_HAND:
                told.beside(deeds(tape, place))
                continue
            posture = cast("PostureName", "observe" if options.policy else take.posture)
            pick = Pick(ids=frozenset(take.ended), scenes=take.scenes) if take.picked else EVERYTHING
            wanted = Wanted(shop=ShopKey(platform=platform, shop_id=shop), posture=posture, pick=pick)
            result = await run_sweep(home, wanted, progress, stop, reel)
            told.add(take, reel, result.shops[0].stopped if result.shops else None)
        return told.result(options.tape, watch.monotonic() - began)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _home(folder: Path, tape: Tape, options: ReplayOptions) -> Home:
    """A home of its own for the replay, as the recorded one was set; nobody is waited for in it."""
    for name, text in tape.label.files.items():
        (folder / Path(name).name).write_text(text, encoding="utf-8")
    if options.policy is not None:
        (folder / "policy.toml").write_bytes(options.policy.read_bytes())
    if options.selectors is not None:
        shutil.copytree(options.selectors, HomeFiles(folder).selectors)
    home = load_home(folder, with_logins=False)
    settings = home.settings
    run = settings.run.model_copy(update={"challenge_wait_s": 1, "pictures": False})
    shops = {LoginKey(platform=shop.platform, name=shop.shop_id): NOBODY for shop in settings.shop}
    portals = {LoginKey(platform=COURIER, name=portal.name): NOBODY for portal in settings.courier}
    # nobody is called about what happened then
    # nor is anything on this PC's own screen, which no tape has
    silent = {"channel": (), "alarms": Alarms(), "courier_desk": (), "evidence": UNREAD}
    kept = settings.model_copy(update={"run": run, **silent})
    return replace(home, settings=kept, logins=shops | portals)


class _Told:
    """What the replayed takes came to, beside what was recorded."""

    def __init__(self, player: TapePlayer, *, other_policy: bool) -> None:
        self._player = player
        self._other_policy = other_policy
        self._decisions = 0
        self._cases: set[str] = set()
        self._differences: list[Reason] = []
        self._flips: list[CaseFlip] = []
        self._decided: dict[str, Decision] = {}

    def add(self, take: Take, reel: Replaying, stopped: Reason | None) -> None:
        """Hold one take against its recording; `stopped`: why this one was left early, which explains whatever differs."""
        then, now = _by_case(take.judged), _by_case(reel.judged)
        self._decisions += len(reel.judged)
        self._cases |= now.keys()
        seen, self._player.differences = self._player.differences, []
        self._decided.update({case: decisions[0] for case, decisions in now.items()})
        if self._other_policy:
            self._flips += [
                flip for case in sorted(then.keys() & now.keys()) for flip in _flip(case, then[case], now[case])
            ]
        else:
            before = len(self._differences)
            self._differences += seen
            for case in sorted(then.keys() | now.keys()):
                self._differences += _parted(case, then.get(case, []), now.get(case, []))
            self._differences += _ends(take.ended, reel)
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
        """All of it. Where nothing was to be sent only decisions count."""
        return ReplayResult(
            tape=str(path),
            takes=len(self._player.tape.label.takes),
            cases=len(self._cases),
            decisions=self._decisions,
            calls=len(self._player.calls),
            differences=tuple(self._differences),
            flips=tuple(self._flips),
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
    if not now or not then:
        return [Reason(code="tape.case_gone" if then else "tape.case_new", params={"case": case})]
    return [Reason(code="tape.decision", params={"case": case, "difference": "; ".join(parted(then[-1], now[-1]))})]


def _flip(case: str, then: list[Decision], now: list[Decision]) -> list[CaseFlip]:
    """By the first decision of each: what came later followed from what had been done."""
    if (then[0].verb, _sum(then[0])) == (now[0].verb, _sum(now[0])):
        return []
    return [CaseFlip(case=case, was=then[0].verb, now=now[0].verb, why=now[0].reasons)]


def _sum(decision: Decision) -> Any:
    return decision.plan.amount if decision.plan else None


def _ends(then: Mapping[str, str], reel: Replaying) -> list[Reason]:
    now = reel.ended
    return [
        Reason(
            code="tape.end",
            params={
                "case": case,
                "was": then.get(case, "—"),
                "now": now.get(case, "—"),
                "why": reel.whys.get(case, "—"),
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
