"""`refundpilot record`, and `--tape` of a sweep: a sweep whose requests, pages, pictures and decisions become a tape."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import tomllib
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Final

import tomlkit

from bot.app.reel import Reel
from bot.app.shelves import mended
from bot.app.sweeping import run_sweep
from bot.app.wiring import House
from bot.browser.gate import Heads
from bot.browser.rules import origin_of
from bot.clock import SystemClock
from bot.config import Home
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.errors import TapeError
from bot.evidence.files import write_once
from bot.ledger.reader import Reading
from bot.ports.exits import ExitCode, worst
from bot.ports.ledger import CaseLine
from bot.ports.progress import Progress, StopSignal
from bot.ports.results import SweepResult
from bot.ports.wanted import EVERYTHING, Wanted
from bot.resources import shipped
from bot.runner.orders import Orders
from bot.tape import pack
from bot.tape.clean import Hush, Learning, cleaned
from bot.tape.proofs import RecordedEvidence
from bot.tape.record import TapeRecorder
from bot.tape.rules import TapeRules
from bot.tape.tape import BY_HAND, Label, Take, Tape
from flows.registry import all_tape_rules, courier, tape_rules

LOST: Final = "tape.lost"
KEY: Final = "pseudonyms.key"
_KEY_BYTES: Final = 32
_OF_PEOPLE: Final = frozenset({"console", "channel", "alarms"})


class Recording(Reel):
    """One command's; whatever it swept is on the tape, also when it was stopped."""

    def __init__(self, home: Home) -> None:
        self._sites = sites_of(home)
        known = [each for login in home.logins.values() for each in (login.password.get_secret_value(), login.account)]
        self._learning = Learning(Hush(_key(home.path), tuple(known), lambda url: rules_of(url, self._sites)))
        self._recorder = TapeRecorder(SystemClock(), self._learning.hear)
        super().__init__(Heads(recorder=self._recorder))
        self._home = home
        self._takes: list[Take] = []
        settings, policy = home.files.settings, home.files.policy
        self._files = {
            settings.name: _of_the_sweep(settings.read_text(encoding="utf-8")),
            policy.name: policy.read_text(encoding="utf-8"),
        }

    def furnish(self, house: House) -> House:
        return replace(house, evidence=RecordedEvidence(house.evidence, self._recorder))

    @asynccontextmanager
    async def take(self, house: House, orders: Orders) -> AsyncIterator[None]:
        self._recorder.begin()
        began, before = house.clock.now(), _before(house.ledger, orders)
        try:
            yield
        finally:
            self._takes.append(take_of(house.ledger, orders, began).model_copy(update=before))

    def by_hand(self, shop: ShopKey) -> None:
        """A take in which a person does the work, and nothing is decided."""
        self._recorder.begin()
        self._takes.append(Take(shop=str(shop), posture=BY_HAND, began=self._recorder.clock.now()))

    @property
    def requests(self) -> int:
        """How many were kept by now."""
        return self._recorder.kept

    def tape(self) -> Tape:
        """All of it, scrubbed."""
        label = Label(
            made_at=self._recorder.clock.now(),
            made_by=metadata.version("refundpilot"),
            sites=self._sites,
            files=self._files,
            selectors=_selectors(self._home.path),
        )
        return cleaned(self._recorder, label, self._takes, self._learning.done())


def _before(ledger: Reading, orders: Orders) -> dict[str, object]:
    """What the ledger knows before the sweep that decides what it does: see `Take`."""
    words = ledger.words(orders.policy.earning, orders.policy.terms.window)
    return {
        "words": {strategy: tuple(said) for strategy, said in words.items()},
        "unended": tuple(case.aftersale_id for case in ledger.unended(orders.shop)),
    }


def _of_the_sweep(settings: str) -> str:
    """The settings without comments and without whom to call: a replay calls nobody, and people and addresses stand there."""
    told = tomllib.loads(settings)
    kept = {name: value for name, value in told.items() if name not in _OF_PEOPLE}
    if "schedule" in kept:
        kept["schedule"] = {name: value for name, value in kept["schedule"].items() if name != "report_by"}
    return tomlkit.dumps(kept)


def take_of(ledger: Reading, orders: Orders, began: datetime) -> Take:
    """What one sweep decided and how its cases ended, and whether only some of them were asked for."""
    lines = ledger.lines(orders.run)
    return Take(
        shop=str(orders.shop),
        posture=orders.posture,
        seconds_per_case=orders.seconds_per_case,
        parcels_first=orders.parcels_first,
        began=began,
        judged=tuple(ledger.decisions(orders.run)),
        ended={line.case.aftersale_id: line.status for line in lines},
        presumed=tuple(sorted(presumed(lines))),
        picked=orders.pick != EVERYTHING,
        asked=orders.pick.model_copy(update={"ids": None}),
    )


def presumed(lines: Iterable[CaseLine]) -> frozenset[str]:
    """The cases of which a receipt is only presumed to be ours."""
    return frozenset(line.case.aftersale_id for line in lines if any(told.presumed for _, told in line.receipts))


def sites_of(home: Home) -> dict[str, str]:
    """Origin to platform, of all that the home's settings name."""
    shops = {origin_of(shop.url): shop.platform for shop in home.settings.shop}
    return shops | {origin_of(portal.url): courier().name for portal in home.settings.courier}


def rules_of(url: str, sites: Mapping[str, str]) -> TapeRules:
    """The table of a URL's platform; all of them for any other host, and for a frame that has none (`about:srcdoc`)."""
    try:
        name = sites.get(origin_of(url))
    except ValueError:
        name = None
    return all_tape_rules() if name is None else tape_rules(name)


def _selectors(home: Path) -> dict[str, str]:
    root = mended(home) or shipped("selectors")
    return {
        str(file.relative_to(root).as_posix()): file.read_text(encoding="utf-8")
        for file in sorted(root.rglob("*.*"))
        if file.suffix in {".toml", ".yaml"}
    }


def _key(home: Path) -> bytes:
    """Made once a home, its owner's alone: with it pseudonyms could be tried out."""
    file = home / KEY
    if not file.exists():
        write_once(file, secrets.token_bytes(_KEY_BYTES))
    return file.read_bytes()


async def sweep(
    home: Home,
    wanted: Wanted,
    progress: Progress,
    stop: StopSignal,
    tape: Path | None = None,
) -> SweepResult:
    """Sweep as `run_sweep` does; with `tape`, write one, also of a sweep that broke off.

    Raises:
        TapeError: there is such a file already, or none can be written; nothing was swept then. Else as `run_sweep`.
    """
    if tape is None:
        return await run_sweep(home, wanted, progress, stop)
    await asyncio.to_thread(need_room, tape)
    recording = Recording(home)
    try:
        result = await run_sweep(home, wanted, progress, stop, recording)
    except BaseException:
        await keep(recording, tape, progress)
        raise
    lost = await keep(recording, tape, progress)
    return _without_tape(result, lost) if lost else result


async def keep(recording: Recording, tape: Path, progress: Progress) -> Reason | None:
    """Write the tape. What goes wrong with that is told and handed back, never raised: what was swept is done, and has to be told too."""
    try:
        await asyncio.to_thread(lambda: pack.write(tape, recording.tape()))
    except Exception as error:  # noqa: BLE001 - pages are strangers' words: no list of errors is whole
        lost = Reason(code=LOST, params={"page": str(tape), "detail": f"{type(error).__name__}: {error}"})
        progress.note(lost)
        return lost
    return None


def _without_tape(result: SweepResult, lost: Reason) -> SweepResult:
    """The sweep's result, which says that its tape is lost."""
    shops = tuple(shop.model_copy(update={"notes": (*shop.notes, lost)}) for shop in result.shops)
    return result.model_copy(update={"shops": shops, "exit_code": worst([result.exit_code, ExitCode.HELD])})


def need_room(tape: Path) -> None:
    """Before anything is swept. Raises TapeError: there is such a file already, or none can be written there."""
    if tape.exists():
        raise TapeError(f"{tape} is there already", page=str(tape), code="error.tape.exists")
    try:
        tape.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=tape.parent):
            pass
    except OSError as error:
        raise TapeError(f"{tape}: {error}", page=str(tape), raw=str(error), code="error.tape.no_room") from error
