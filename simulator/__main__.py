"""The simulator's command line: python -m simulator --port P --scenario NAME --seed S [--cases N] [--shops N] [--rate R]."""

from __future__ import annotations

import argparse
import asyncio
import sys

from simulator.app import SKINS, Simulator, bind, serve
from simulator.scenarios.build import MAX_CASES, MIN_CASES, build
from simulator.scenarios.catalogue import SCENARIOS
from simulator.scenarios.shops import MOST_SHOPS


def main(arguments: list[str] | None = None) -> int:
    """Run until a signal; 0 = ended quietly, 2 = wrong arguments or a port that is taken."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        built = build(asked.scenario, asked.seed, asked.cases, shops=asked.shops)
        built.world.store.clock.set_rate(asked.rate)
        shop, courier = bind(asked.port), bind(0)
    except (ValueError, OSError, OverflowError) as error:
        parser.error(str(error))
    asyncio.run(serve(Simulator(built, asked.skin), shop, courier))
    return 0


def _parser() -> argparse.ArgumentParser:
    names = "; ".join(f"{scenario.name}: {scenario.says}" for scenario in SCENARIOS.values())
    parser = argparse.ArgumentParser(
        "python -m simulator", description=f"A merchant back end to rehearse on. Scenarios: {names}."
    )
    parser.add_argument("--port", type=int, default=0, help="port of the shop on 127.0.0.1; 0 = a free one")
    parser.add_argument("--scenario", choices=tuple(SCENARIOS), default="mixed")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same world")
    parser.add_argument("--cases", type=int, default=60, help=f"how many after-sales ({MIN_CASES} to {MAX_CASES:,})")
    parser.add_argument("--shops", type=int, help=f"how many shops share the cases (1 to {MOST_SHOPS})")
    parser.add_argument("--rate", type=float, default=1.0, help="how many times as fast as real time the world runs")
    parser.add_argument("--skin", choices=tuple(SKINS), default="taobao", help="whose pages")
    return parser


if __name__ == "__main__":
    sys.exit(main())
