"""refundpilot.toml as typed, frozen settings: every key is listed here, nothing else is taken."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from bot.config.channels import Alarms, Channel
from bot.config.scalars import Amount, AmountOrOff, Name, Proxy, Text, Url
from bot.config.schedule import Schedule, ShopSchedule
from bot.domain.action import Verb
from bot.domain.base import Frozen
from bot.domain.figures import Figures, read_percent
from bot.domain.hand import PersonName
from bot.domain.ids import ShopKey
from bot.domain.money import Money
from bot.engine.liability import Industry, Liability, cases_until_takeover, taken_over
from bot.ports.wanted import PostureName

VerbName = Literal[
    Verb.AGREE_REFUND,
    Verb.AGREE_RETURN,
    Verb.REFUSE,
    Verb.INTERCEPT,
    Verb.REMARK,
    Verb.NEGOTIATE,
    Verb.COMPLAIN,
]


class Browser(Frozen):
    """`[browser]`: which one, how it is used, and when contexts, browser and driver are made anew (reliability.md 6)."""

    path: str = ""
    proxy: Proxy = ""
    headed: StrictBool = False
    reader_tabs: StrictInt = Field(default=2, ge=1, le=4)
    recycle_after_cases: StrictInt = Field(default=40, ge=1)
    recycle_after_s: StrictInt = Field(default=600, ge=10)
    restart_after_cases: StrictInt = Field(default=500, ge=1)
    restart_after_mb: StrictInt = Field(default=300, ge=50)
    restart_after_s: StrictInt = Field(default=21_600, ge=60)
    sign_in_after_s: StrictInt = Field(default=86_400, ge=600)


class Run(Frozen):
    """`[run]`: how one sweep goes about its work; times in seconds, `max_cases` 0 means all."""

    pictures: StrictBool = True
    quiet_wait_s: StrictInt = Field(default=10, ge=1, le=600)
    challenge_wait_s: StrictInt = Field(default=600, ge=0, le=86_400)
    verify_timeout_s: StrictInt = Field(default=20, ge=1, le=600)
    max_cases: StrictInt = Field(default=0, ge=0)

    @property
    def read_limit_s(self) -> float:
        """How long a page may take to be opened and read, a fresh browser started for it included: later than that it has hung."""
        return 2.0 * self.verify_timeout_s + 120.0

    @property
    def work_limit_s(self) -> float:
        """The same for what loads several, each of them again and again: a sign-in, a turn of the list, a parcel's trail, proofs."""
        return 3 * self.read_limit_s


class Limits(Frozen):
    """`[limits]`: what may leave at most, a shop and a buyer, per business day (Asia/Shanghai); what one person decides alone.

    `second_person_above` is None, "" in the file, where one person is always enough.
    """

    shop_day: Amount = Money(20_000_000)
    buyer_day: Amount = Money(500_000)
    second_person_above: AmountOrOff = Money(100_000)


class Retention(Frozen):
    """`[retention]`: how many days things are kept (S22).

    `pictures_days`: pages read, pictures, failure bundles and sweep reports of ended cases; `disputes_days`: those of cases that
    were refused or complained about; `buyers_days`: names of buyers without a case since; `logs_days`: logs and alarms.
    """

    pictures_days: StrictInt = Field(default=30, ge=1, le=3650)
    disputes_days: StrictInt = Field(default=180, ge=1, le=3650)
    buyers_days: StrictInt = Field(default=180, ge=1, le=3650)
    logs_days: StrictInt = Field(default=30, ge=1, le=30)


class Proofs(Frozen):
    """`[evidence]`: whether pictures are read before they go out.

    `read`: "auto" where the extra `ocr` is installed, "required" holds what cannot be read, "off" sends them unread.
    """

    read: Literal["auto", "required", "off"] = "auto"


class Courier(Frozen):
    """`[[courier]]`: a courier's portal and the account that signs in to it."""

    name: Name
    url: Url
    account: Text


class CourierDesk(Frozen):
    """`[[courier_desk]]`: a courier's program with windows of its own on this PC, and the account that signs in to it.

    `couriers`: as the shop's page names them. `quiet_s`: nobody may have touched mouse or keyboard for so many seconds.
    """

    name: Name
    couriers: Annotated[tuple[Text, ...], Field(min_length=1)]
    title: Text
    process: Text
    account: Text
    quiet_s: StrictInt = Field(default=5, ge=1, le=600)


def _share(value: object) -> int:
    try:
        return read_percent(value)
    except ValueError:
        raise PydanticCustomError("share", "not a percentage") from None


def _rate(value: object) -> Decimal:
    """A mean of the industry: text, so that "0.1" is a tenth and nothing near it (F55)."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise PydanticCustomError("rate", "not a decimal number in quotes")
    return Decimal(value)


_DECIMAL = re.compile(r"\d{1,9}(?:\.\d{1,6})?", re.ASCII)
Rate = Annotated[Decimal, BeforeValidator(_rate)]


class LiabilityFigures(Frozen):
    """`[shop.liability]`: 售后有责率 of the last 30 days as the platform's page shows it, and the industry's means (domain.md 37).

    Typed by hand: nobody reads that page for the merchant, and the window moves on every day.
    """

    complaints_30d: StrictInt = Field(ge=0)
    disputes_30d: StrictInt = Field(ge=0)
    orders_30d: StrictInt = Field(ge=0)
    industry_rate: Rate
    industry_count: Rate

    @property
    def own(self) -> Liability:
        """The shop's side of it."""
        return Liability(complaints=self.complaints_30d, disputes=self.disputes_30d, orders=self.orders_30d)

    @property
    def industry(self) -> Industry:
        """The means it is held against."""
        return Industry(rate=self.industry_rate, count=self.industry_count)

    @property
    def taken_over(self) -> bool | None:
        """The platform refunds new unshipped orders itself; None for a shop without orders."""
        return taken_over(self.own, self.industry)

    @property
    def cases_left(self) -> int | None:
        """How many more liable cases start that; None for a shop without orders."""
        return cases_until_takeover(self.own, self.industry)


class Shop(Frozen):
    """`[[shop]]`: one shop of one platform; `courier` names a `[[courier]]`, empty means there is none.

    `seconds_between_actions`: from the beginning of one action to the next one's, where the platform counts how many come.
    `good_review_rate` in hundredths of a percent: "69.9" is 6990.
    """

    platform: Name
    shop_id: Name
    name: Text
    url: Url
    account: Text
    posture: PostureName = "observe"
    shadow: str = ""
    verbs: tuple[VerbName, ...] = ()
    seconds_between_actions: StrictInt = Field(default=0, ge=0, le=600)
    courier: str = "main"
    good_review_rate: Annotated[int, BeforeValidator(_share)] | None = None
    liability: LiabilityFigures | None = None
    schedule: ShopSchedule | None = None

    @property
    def figures(self) -> Figures:
        """What a judgement may rest on."""
        said = self.liability
        return Figures(
            good_review_bp=self.good_review_rate,
            taken_over=said.taken_over if said else None,
            until_takeover=said.cases_left if said else None,
        )

    @property
    def key(self) -> ShopKey:
        return ShopKey(platform=self.platform, shop_id=self.shop_id)


class ConsolePerson(Frozen):
    """`[[console.person]]`: somebody who may come into the console, by a token of their own, and what they may do there."""

    name: PersonName
    role: Literal["viewer", "operator", "approver"] = "operator"


class Console(Frozen):
    """`[console]`: who may come in; above which sum one person alone does not decide stands in `[limits]` (S17).

    `port`: where the console of a running service answers on this PC; 0 takes a free one.
    """

    port: StrictInt = Field(default=0, ge=0, le=65_535)
    person: tuple[ConsolePerson, ...] = ()


class Settings(Frozen):
    """The whole of refundpilot.toml."""

    language: Literal["auto", "zh", "en"] = "auto"
    shadow: str = ""
    browser: Browser = Browser()
    run: Run = Run()
    limits: Limits = Limits()
    alarms: Alarms = Alarms()
    channel: tuple[Channel, ...] = ()
    schedule: Schedule = Schedule()
    retention: Retention = Retention()
    console: Console = Console()
    evidence: Proofs = Proofs()
    courier: tuple[Courier, ...] = ()
    courier_desk: tuple[CourierDesk, ...] = ()
    shop: Annotated[tuple[Shop, ...], Field(min_length=1)]
