"""What re-reading recorded pages comes to; `model_dump(mode="json")` is what `--json` prints."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from bot.domain.base import Frozen
from bot.ports.exits import ExitCode


class FieldDifference(Frozen):
    """One field by its dotted path. `missing`: expected and not read; `extra`: read and not expected; the other side is None."""

    field: str
    kind: Literal["changed", "missing", "extra"]
    expected: Any = None
    found: Any = None


class PageReading(Frozen):
    """One recorded page as it is read now. Either `fields` or `error` (class, target, raw text); `at` is the frozen time.

    `accepted`: whether an expectation stands beside the page at all. `picture`: where the picture was written, if one was asked for.
    """

    folder: str
    name: str
    platform: str
    page: str
    note: str
    url: str
    at: datetime
    shop: str
    asked: tuple[str, ...]
    fields: dict[str, Any] | None
    error: dict[str, str] | None
    accepted: bool
    differences: tuple[FieldDifference, ...]
    picture: str = ""

    @property
    def as_expected(self) -> bool:
        """Whether an expectation stands there and is met."""
        return self.accepted and not self.differences


class PageCheck(Frozen):
    """All that were checked; only those that are not as expected are listed."""

    checked: int
    differing: tuple[PageReading, ...]

    @property
    def exit_code(self) -> ExitCode:
        """DONE, or HELD where any page is not read as expected."""
        return ExitCode.HELD if self.differing else ExitCode.DONE


class KeptPage(Frozen):
    """A new recording. `scrubbed`: the fields that read otherwise since people were taken out; an amount must not be among them."""

    reading: PageReading
    scrubbed: tuple[str, ...]
