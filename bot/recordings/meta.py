"""What has to be known of a recorded page beside what stands on it: whose it is, what was asked, and when."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, field_validator

from bot.domain.base import SHANGHAI, Frozen
from bot.domain.ids import CaseKey, ShopKey
from bot.errors import ConfigError

FORMAT: Literal[1] = 1
"""Changes when an older recording could not be read any more."""


class Meta(Frozen):
    """`meta.json`. `at` is the server's moment (its Date header), to which a re-read freezes time; Asia/Shanghai.

    `asked`: the after-sale id that the page was opened for, or the waybills. `shop_id`, `shop_name`: whose page it should be; the
    portal of a courier has neither. `note`: what the recording is for, in a sentence.
    """

    format: Literal[1] = FORMAT
    platform: str
    page: str
    url: str = ""
    at: AwareDatetime
    shop_id: str = ""
    shop_name: str = ""
    asked: tuple[str, ...] = ()
    note: str = ""

    @field_validator("at")
    @classmethod
    def _in_shanghai(cls, at: AwareDatetime) -> AwareDatetime:
        return at.astimezone(SHANGHAI)

    @property
    def shop(self) -> ShopKey:
        """Whose page it is."""
        return ShopKey(platform=self.platform, shop_id=self.shop_id)

    @property
    def case(self) -> CaseKey:
        """The case that the page was opened for. Raises ConfigError when none or several were asked for."""
        if len(self.asked) != 1:
            raise ConfigError("not one case", target="asked", raw=f"{len(self.asked)}", code="recordings.not_one_case")
        (case,) = self.asked
        return CaseKey(platform=self.platform, shop_id=self.shop_id, aftersale_id=case)
