"""Typing a secret: only into the page and form of the origin that was meant (reliability.md S6); and what a refusal means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from playwright.async_api import Error as BrowserError
from playwright.async_api import Locator, Page

from bot.browser.act import PRESS_MS, fill, find, press
from bot.browser.exchange import Answer, listening
from bot.browser.read import read_page
from bot.browser.rules import origin_of
from bot.browser.targets import Targets
from bot.errors import PageError, SignInRefused, TargetMissing
from flows.navigation import check_status
from flows.spec import Login

LANDING_S: Final = 15.0
"""How long the answer to a pressed sign-in button, and then the first sign of where it led, may each take; two slow page loads."""

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
        # shorter than this, a slow refusal would pass for no answer, and the account be tried again
        return await exchange.answer(LANDING_S)


async def refused(page: Page, answer: Answer | None, who: str) -> PageError | SignInRefused:
    """Why the sign-in did not come through: a wrong password is final, a server in trouble is not. `who` refuses it, for the message."""
    if answer is None:
        return PageError("the sign-in was not answered", page=page.url)
    if answer.status == 429 or answer.status >= 500:
        check_status(answer.status, answer.headers, page.url)
    said = " ".join(note.text for note in (await read_page(page)).body.notes)
    return SignInRefused(f"{who} refuses the sign-in: {answer.body.get('msg', said)}", page=page.url, raw=said[:200])
