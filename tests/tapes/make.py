"""Records the shipped tapes anew from the simulator: `uv run python -m tests.tapes.make [NAME …]`; each replaces its file."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bot.app import run_sweep
from bot.app.recording import Recording
from bot.config import load_home
from bot.ports.progress import NullProgress
from bot.ports.wanted import Wanted
from bot.tape import pack
from tests.conftest import Simulator, end_simulator, start_simulator
from tests.e2e.acceptance import make_home
from tests.e2e.in_process import Never

FOLDER: Final = Path(__file__).resolve().parents[2] / "recordings" / "tapes" / "taobao"
HOUR_S: Final = 3600
LIST: Final = "/h5api/dispute/list"
DETAIL: Final = "/trade-platform/refund-list/detail"


def _nothing(_: Simulator) -> None:
    """Nothing goes wrong."""


def _insist(home: Path) -> None:
    """Refuse at first without proof, and insist at the second prompt (domain.md 34)."""
    policy = home / "policy.toml"
    text = policy.read_text(encoding="utf-8").replace('proofs = ["trail"]', "proofs = []")
    policy.write_text(text.replace("without_proof_allowed = false", "without_proof_allowed = true"), encoding="utf-8")


def _as_it_is(_: Path) -> None:
    """The home as `init` writes it."""


@dataclass(frozen=True, slots=True)
class Show:
    """What is recorded: a scenario, what is planted before it, and how many hours pass before each further take.

    `most`: cases that are worked at all; 0 is every one.
    """

    scenario: str
    seed: int
    cases: int = 10
    most: int = 0
    fault: Callable[[Simulator], object] = _nothing
    set_up: Callable[[Path], None] = _as_it_is
    later_h: tuple[int, ...] = ()


SHOWS: Final = MappingProxyType(
    {
        "one_case": Show("unshipped", 204, most=1),
        "two_cases": Show("unshipped", 204, most=2),
        "mixed": Show("mixed", 205, 12),
        "second_prompt": Show("refusals", 85, most=5, set_up=_insist),
        "intercepted": Show("intercept", 51, most=5, later_h=(6, 48)),
        "session_expiry": Show(
            "mixed", 207, most=4, fault=lambda shop: shop.post("faults", kind="session_loss", at=DETAIL, times=1)
        ),
        "list_shift": Show(
            "calm", 208, most=4, fault=lambda shop: shop.post("faults", kind="list_shift", at=LIST, times=2)
        ),
        "drift": Show(
            "unshipped", 209, most=4, fault=lambda shop: shop.post("faults", kind="renamed_label", at="*", times=6)
        ),
    }
)


def record(name: str, folder: Path = FOLDER) -> Path:
    """Record one show; returns the tape's path."""
    show, tape = SHOWS[name], folder / f"{name}.tar.xz"
    with tempfile.TemporaryDirectory() as spare:
        shop = start_simulator(Path(spare) / "simulator.log", scenario=show.scenario, seed=show.seed, cases=show.cases)
        try:
            home = make_home(shop, Path(spare) / "home", quiet_wait_s=1, pictures=False, max_cases=show.most)
            show.set_up(home)
            show.fault(shop)
            asyncio.run(_record(show, shop, home, tape))
        finally:
            end_simulator(shop)
    return tape


async def _record(show: Show, shop: Simulator, home: Path, tape: Path) -> None:
    loaded = load_home(home)
    recording = Recording(loaded)
    for hours in (0, *show.later_h):
        if hours:
            shop.post("clock", advance_s=hours * HOUR_S)
        await run_sweep(loaded, Wanted(), NullProgress(), Never(), recording)
    pack.write(tape, recording.tape())


def main(names: Sequence[str]) -> None:
    for name in names or SHOWS:
        tape = record(name)
        print(f"{tape.name}: {tape.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main(sys.argv[1:])
