"""The report of a sweep: one offline HTML file and the same as a workbook, in the home's reports folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.app.wiring import House
from bot.domain.ids import RunId
from bot.ports.results import ShopSweep


def write_report(house: House, results: Mapping[RunId, ShopSweep]) -> Path | None:
    return None
