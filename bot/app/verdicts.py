"""What persons decided, sorted for the sweeps that carry it out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from bot.domain.ids import CaseKey, ShopKey
from bot.errors import ConfigError
from bot.ports.wanted import HandVerdict, Wanted


def verdicts_by_case(wanted: Wanted) -> Mapping[ShopKey, Mapping[CaseKey, HandVerdict]]:
    """What persons decided, by shop and case; of the shop that is wanted, where one is. Raises ConfigError: two on one case."""
    found: dict[ShopKey, dict[CaseKey, HandVerdict]] = defaultdict(dict)
    for verdict in wanted.verdicts:
        if verdict.case in found[verdict.case.shop]:
            raise ConfigError(f"two verdicts on {verdict.case}", code="hand.twice", raw=str(verdict.case))
        found[verdict.case.shop][verdict.case] = verdict
    return {shop: cases for shop, cases in found.items() if wanted.shop in {None, shop}}
