"""Rows of the list that nobody can read, as cases of which a person is told: by their id where that stands, else by their words."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from bot.domain.ids import CaseKey, ShopKey
from bot.ports.desks import UnreadRow

CODE: Final = "list.unreadable"
_PREFIX: Final = "unreadable-"
_TICKING: Final = re.compile(r"\d+")
"""Countdowns run on: a row is the same one however much time is left."""


def cases_of(shop: ShopKey, rows: Iterable[UnreadRow]) -> Mapping[CaseKey, str]:
    """Each row's raw text by the case that it is held as; the same in every sweep while its words stay the same."""
    found: dict[CaseKey, str] = {}
    alike: Counter[str] = Counter()
    for row in rows:
        digest = hashlib.sha256(_TICKING.sub("#", row.raw).encode()).hexdigest()[:12]
        alike[digest] += 1
        name = row.aftersale_id or f"{_PREFIX}{digest}-{alike[digest]}"
        found[CaseKey(platform=shop.platform, shop_id=shop.shop_id, aftersale_id=name)] = row.raw
    return found


def has_no_id(case: CaseKey) -> bool:
    """Whether the case stands for a row without an id: it has no page, so it can only be looked for in the list."""
    return case.aftersale_id.startswith(_PREFIX)
