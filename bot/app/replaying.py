"""`refundpilot replay`: a recorded sweep once more, without a network, in a home of its own."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar, cast

from pydantic import SecretStr

from bot.app.recording import sites_of
from bot.app.reel import Reel
from bot.app.replayed import Came, Told, deeds
from bot.app.sweeping import run_sweep
from bot.app.wiring import House
from bot.browser.gate import Heads
from bot.browser.rules import origin_of
from bot.clock import SystemClock
from bot.config import Home, HomeFiles, load_home
from bot.config.credentials import COURIER, Login, LoginKey
from bot.config.settings import Proofs, Settings
from bot.domain.base import Frozen
from bot.domain.case import Snapshot
from bot.domain.history import History
from bot.domain.ids import CaseKey, RunId, ShopKey
from bot.engine.autonomy import Word
from bot.errors import TapeError
from bot.ledger import SqlLedger
from bot.ports.progress import Progress, StopSignal
from bot.ports.replays import ReplayOptions, ReplayResult
from bot.ports.results import ShopSweep
from bot.ports.wanted import PostureName, Wanted
from bot.runner.orders import Orders
from bot.tape import pack
from bot.tape.clock import TapeClock
from bot.tape.play import TapePlayer
from bot.tape.proofs import ReplayedEvidence
from bot.tape.tape import BY_HAND, Take, Tape
from flows.registry import tape_rules

Part = TypeVar("Part", bound=Frozen)

UNREAD: Final = Proofs(read="off")
"""The pictures of a tape are stand-ins without a word on them; the real ones were read when it was recorded."""

NOBODY: Final = Login("nobody", SecretStr("nothing"))
"""Signs in to a tape: accounts and passwords are not on it."""


_OF_A_SHOP: Final = (
    *("platform", "shop_id", "name", "url", "account", "posture", "verbs", "courier"),
    *("good_review_rate", "liability"),
)
"""Of `[[shop]]`; not the candidate policy in its shadow, which is a file of the PC that recorded."""


class ReplayedLedger(SqlLedger):
    """A fresh ledger that remembers what the recorded one knew at each decision."""

    known: Mapping[str, deque[History]] = {}
    pace: float | None = None
    said: Mapping[str, Sequence[Word]] | None = None
    left: Sequence[str] = ()

    def history(self, snapshot: Snapshot, now: datetime) -> History:
        """What the recorded sweep was told; for a case that it never judged, what this one knows."""
        told = self.known.get(snapshot.key.aftersale_id)
        if not told:
            return super().history(snapshot, now)
        return told.popleft() if len(told) > 1 else told[0]

    def seconds_per_case(self, shop: ShopKey, posture: str) -> float | None:
        """The recorded sweep's, or the order of work would be another one."""
        return self.pace or super().seconds_per_case(shop, posture)

    def words(self, versions: Mapping[str, str], most: int) -> Mapping[str, Sequence[Word]]:
        """What people had said when it was recorded: by it a strategy acts or only proposes."""
        return super().words(versions, most) if self.said is None else self.said

    def unended(self, shop: ShopKey) -> tuple[CaseKey, ...]:
        """What earlier sweeps had left as well, before the tape began."""
        told = (CaseKey(platform=shop.platform, shop_id=shop.shop_id, aftersale_id=case) for case in self.left)
        return tuple(dict.fromkeys((*told, *super().unended(shop))))


class Replaying(Reel):
    """One take of a tape."""

    def __init__(self, tape: Tape, place: int, player: TapePlayer) -> None:
        super().__init__(Heads(player=player), player.clock)
        self.open_ledger = ReplayedLedger
        self._tape = tape
        self.place = place
        self._player = player
        self.came = Came()

    def furnish(self, house: House) -> House:
        evidence = ReplayedEvidence(house.evidence, self._tape)
        evidence.begin(self.place)
        ledger, take = cast("ReplayedLedger", house.ledger), self._tape.label.takes[self.place]
        ledger.known, ledger.pace = _histories(take), take.seconds_per_case
        ledger.said, ledger.left = take.words, take.unended
        return replace(house, evidence=evidence)

    def brief(self, orders: Orders) -> Orders:
        """The order of work is the recorded one's: with `max_cases` it says which cases are worked at all."""
        return replace(orders, parcels_first=self._tape.label.takes[self.place].parcels_first)

    @asynccontextmanager
    async def take(self, house: House, orders: Orders) -> AsyncIterator[None]:
        self._player.begin(self.place)
        try:
            yield
        finally:
            self._player.end()
            self.came = Came.of(house.ledger, orders.run)

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
        told = Told(player, other_policy=options.policy is not None)
        for place, take in enumerate(tape.label.takes):
            if stop.is_set():
                break
            reel = Replaying(tape, place, player)
            platform, _, shop = take.shop.partition("/")
            if take.posture == BY_HAND:
                told.beside(deeds(tape, place))
                continue
            posture = cast("PostureName", "observe" if options.policy else take.posture)
            pick = take.pick(as_shown=options.policy is None)
            wanted = Wanted(shop=ShopKey(platform=platform, shop_id=shop), posture=posture, pick=pick)
            result = await run_sweep(home, wanted, progress, stop, reel)
            told.add(take, reel.came, result.shops[0].stopped if result.shops else None)
        return told.result(options.tape, watch.monotonic() - began)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _home(folder: Path, tape: Tape, options: ReplayOptions) -> Home:
    """A home of its own for the replay, with the recorded one's policy and no more of its settings than decisions rest on."""
    files = HomeFiles(folder)
    for file in (files.settings, files.policy):
        if file.name in tape.label.files:
            file.write_text(tape.label.files[file.name], encoding="utf-8")
    if options.policy is not None:
        files.policy.write_bytes(options.policy.read_bytes())
    if options.selectors is not None:
        shutil.copytree(options.selectors, files.selectors)
    home = load_home(folder, with_logins=False)
    settings = _harmless(home.settings)
    shops = {LoginKey(platform=shop.platform, name=shop.shop_id): NOBODY for shop in settings.shop}
    portals = {LoginKey(platform=COURIER, name=portal.name): NOBODY for portal in settings.courier}
    return replace(home, settings=settings, logins=shops | portals)


def _harmless(told: Settings) -> Settings:
    """What a stranger's tape may say of how to go about its sweep: no program, window, file, channel or person of this PC is in it.

    The rest stays as this program has it: the browser is the one that this PC has, and nobody is called or waited for.
    """
    run = told.run.model_copy(update={"challenge_wait_s": 1, "pictures": False})
    return Settings.model_construct(
        browser=_only(told.browser, "reader_tabs", "recycle_after_cases", "recycle_after_s"),
        run=run,
        limits=told.limits,
        evidence=UNREAD,
        courier=told.courier,
        shop=tuple(_only(shop, *_OF_A_SHOP) for shop in told.shop),
    )


def _only(told: Part, *keys: str) -> Part:
    """The same with these keys alone, all others as they are where nobody sets them."""
    return cast("Part", type(told).model_construct(**{key: getattr(told, key) for key in keys}))
