"""Full-width forms to half-width and nothing else: what NFKC folds beside them (², ①, ⒈, 𝟏) is no digit that a page prints (F55)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_HALF: Final = MappingProxyType(
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xFFE5: 0xA5, 0x3000: 0x20},
)
"""U+FF01 to U+FF5E are ASCII in full width; beside them the yen mark and the ideographic space."""


def half_width(text: str) -> str:
    """The same text with its full-width letters, digits, marks and spaces as half-width ones."""
    return text.translate(_HALF)
