"""The courier portal as a platform: one desk over one read-only browser session."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from bot.browser.guard import Mode
from bot.browser.targets import load_targets
from bot.ports.desks import CourierDesk
from flows.courier.endpoints import guard_rules
from flows.courier.pages import PAGES
from flows.courier.session import Portal
from flows.courier.tape import TAPE
from flows.courier.trails import Trails
from flows.spec import CourierSpec, Login, Site, Workplace

NAME: Final = "courier"


@asynccontextmanager
async def open_courier(workplace: Workplace, site: Site, login: Login) -> AsyncIterator[CourierDesk]:
    """The desk while the block runs; the account is signed in at the first question.

    Raises:
        ConfigError: the selectors cannot be used.
    """
    targets = load_targets(NAME, workplace.selectors)
    guard = replace(workplace, mode=Mode.READ_ONLY).guard(guard_rules(site.url))
    async with await workplace.session(guard) as browser:
        yield Trails(Portal(site, login, workplace.clock, targets, browser), workplace.on_answer)


SPEC: Final = CourierSpec(name=NAME, guard_rules=guard_rules, open_courier=open_courier, pages=PAGES, tape=TAPE)
