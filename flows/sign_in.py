"""Typing a secret: only into the page and form of the origin that was meant (reliability.md S6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from playwright.async_api import Error as BrowserError
from playwright.async_api import Locator, Page

from bot.browser.act import PRESS_MS, fill, find, press
from bot.browser.exchange import Answer, listening
from bot.browser.rules import origin_of
from bot.browser.targets import Targets
from bot.errors import SignInRefused, TargetMissing
from flows.spec import Login

_FORM: Final = """(e) => ({
  page: location.href,
  top: window === window.top,
  action: e.form ? e.form.getAttribute("action") ?? "" : "",
  submit: [...(e.form ? e.form.querySelectorAll("[formaction]") : [])].map((one) => one.getAttribute("formaction")),
})"""


@dataclass(frozen=True, slots=True)
class SignInForm:
    """Where a platform's sign-in is typed: its screen among the targets, the origin it must have, the endpoint it posts to."""

    screen: str
    origin: str
    endpoint: str


async def _pin_origin(page: Page, field: Locator, form: SignInForm) -> None:
    """Scheme, host and port of the live document and of everywhere its form may go, not of what was asked for."""
    try:
        found = await field.evaluate(_FORM, timeout=PRESS_MS)
    except BrowserError as error:
        raise TargetMissing(
            f"{form.screen}.password is not there", target=f"{form.screen}.password", page=page.url
        ) from error
    here = str(found["page"])
    goals = [urljoin(here, str(goal)) for goal in (found["action"], *found["submit"])]
    if not found["top"] or any(_origin(goal) != form.origin for goal in (here, *goals)):
        raise SignInRefused(
            "the sign-in belongs to another origin: nothing was typed", page=here, code="session.foreign_origin"
        )


def _origin(url: str) -> str:
    try:
        return origin_of(url)
    except ValueError:
        return ""


async def type_login(page: Page, targets: Targets, form: SignInForm, login: Login) -> Answer | None:
    """Fill in account and password, press the button, and return what the endpoint answered (None: nothing).

    Raises:
        SignInRefused: page or form belong to another origin; not a key was pressed.
        PageError: a field or the button is not there.
    """
    account, password, submit = (targets.write(f"{form.screen}.{name}") for name in ("account", "password", "submit"))
    await _pin_origin(page, find(page, password), form)
    await fill(find(page, account), login.account, account.key)
    # a redirect may have come between: the address bar is asked again right before the secret
    await _pin_origin(page, find(page, password), form)
    await fill(find(page, password), login.password, password.key)
    with listening(page, form.endpoint) as exchange:
        await press(find(page, submit), submit.key)
        return await exchange.answer()
