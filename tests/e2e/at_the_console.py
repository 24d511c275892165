"""At the console with a browser: a person who came in, every page and what stands behind a form, and words that a hostile buyer could write."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from bot.config.tokens import make_token
from bot.console import serve
from bot.ports.office_views import Role
from tests.unit.console.client import Seconds
from tests.unit.console.fakes import LINK, LOOK, FakeOffice
from tests.unit.console.test_doors import CASE
from tests.unit.report.runs import key

PAGES = (
    "/", "/queue", "/cases", CASE, f"{CASE}/decide?verb=refuse", "/monitor", "/strategies", "/strategies/edit",
    f"/strategies/history?version={'a' * 64}", "/budgets", "/shops", "/alarms", "/audit", "/signoffs", "/resume", "/sweep", f"/sweep/{LOOK}",
)  # fmt: skip


def _as_it_stands(_: FakeOffice) -> None: ...


async def _asked_for(_: Page) -> None: ...


@dataclass(frozen=True)
class State:
    """A page as somebody sees it: at an address, after the steps that lead there, in an office that was made ready for it."""

    path: str
    steps: Callable[[Page], Awaitable[None]] = _asked_for
    ready: Callable[[FakeOffice], None] = _as_it_stands


async def _unmasked(page: Page) -> None:
    await page.locator("#unmask summary").click()
    await page.locator("#unmask-why").fill("the buyer calls")
    await page.locator("#unmask-why").press("Enter")
    await page.locator("dl.bare").wait_for()


async def _rehearsed(page: Page) -> None:
    await page.locator("form[action='/strategies/edit'] button").click()
    await page.locator("form[action='/strategies/save']").wait_for()


async def _overtaken(page: Page) -> None:
    await page.locator("form[action='/strategies/edit'] [name=base]").evaluate(
        "(box) => { box.value = 'c'.repeat(64) }"
    )
    await page.locator("[data-code]").fill("cap = 2\n")
    await page.locator("form[action='/strategies/edit'] button").click()
    await page.locator("#overtaken .diff").wait_for()


async def _not_whole(page: Page) -> None:
    await page.locator("[data-code]").fill("name = 1\nbad\n")
    await page.locator("form[action='/strategies/edit'] button").click()
    await page.locator(".findings").wait_for()


async def _own_words(page: Page) -> None:
    await page.locator("#message").fill("signed for by the porter")
    await page.locator("#why").fill("so it is")
    await page.locator("#why").press("Enter")
    await page.locator(".plan .n-asked").wait_for()


async def _audited(page: Page) -> None:
    await page.locator("#audit button").click()
    await page.locator(".checks").wait_for()


async def _answered(page: Page) -> None:
    await page.locator("main button").click()
    await page.locator(".n-done").wait_for()


async def _keys_shown(page: Page) -> None:
    await page.keyboard.press("?")
    await page.locator("#help").wait_for()


async def _stopped(page: Page) -> None:
    await page.keyboard.press("X")
    await page.locator("#brake .brake").wait_for()


def _nothing_moved(office: FakeOffice) -> None:
    """What was asked for still stands as it was shown to who asked."""
    file = office.case(key(1))
    assert file is not None
    assert file.line.snapshot is not None
    office.asked_verdict = {"fingerprint": file.line.snapshot.fingerprint, "message": office.payload[:200]}
    office.asked_policy = json.dumps({"text": office.payload, "base": office.policy().hash, "moved": 4_500})


def _asked_oneself(office: FakeOffice) -> None:
    office.asked_by = Role.APPROVER


UNMASKED, OWN_WORDS = State(CASE, _unmasked), State(f"{CASE}/decide?verb=refuse", _own_words)
REHEARSED, NOT_WHOLE = State("/strategies/edit", _rehearsed), State("/strategies/edit", _not_whole)
OVERTAKEN = State("/strategies/edit", _overtaken)
AUDITED, TO_SIGN = State("/audit", _audited), State("/signoffs", ready=_nothing_moved)
TO_WITHDRAW = State("/signoffs", ready=_asked_oneself)
LINKED, ANSWERED = State(f"/alarms/answer/{LINK}"), State(f"/alarms/answer/{LINK}", _answered)
STATES = (
    *map(State, PAGES),
    UNMASKED,
    OWN_WORDS,
    REHEARSED,
    OVERTAKEN,
    NOT_WHOLE,
    AUDITED,
    TO_SIGN,
    TO_WITHDRAW,
    LINKED,
    ANSWERED,
)
"""Every page, and what stands behind a form."""
COVERED = (State("/", _keys_shown), State("/", _stopped))
"""With something laid over them, or on top; nothing else of them is another page."""
COLOURFUL = (
    *map(State, ("/", "/queue", CASE, "/strategies", "/shops", "/alarms", f"/sweep/{LOOK}")), OWN_WORDS, REHEARSED, OVERTAKEN, AUDITED, TO_SIGN, *COVERED,
)  # fmt: skip
"""Where nearly every colour, mark and kind of button stands."""

_HANDLERS = ("onerror", "onload", "onmouseover", "onfocus autofocus tabindex=1")
_TAGS = ("img src=x", "svg", "body", "video src=x", "input", "details open", "iframe srcdoc=x", "object data=x")
_WHOLE = (
    "<script>{0}</script>", "<script src=//evil.test/x></script>", "</title><script>{0}</script>", '"><script>{0}</script>',
    "'-{0}-'", "javascript:{0}", "<a href=javascript:{0}>x</a>", "<iframe src='javascript:{0}'>", "<style>@import'//evil.test'</style>",
    "<link rel=stylesheet href=//evil.test>", "<meta http-equiv=refresh content='0;//evil.test'>", "<base href=//evil.test/>",
    "<form action=//evil.test><button>", "<math><mtext><script>{0}</script>", "<svg><animate onbegin={0}>", "{{{{constructor.constructor('{0}')()}}}}",
    "${{{0}}}", "<template><script>{0}</script></template>", '<noscript><p title="</noscript><img src=x onerror={0}>">', "<!--><img src=x onerror={0}>",
    "\u202e<img src=x onerror={0}>", "<img src=x\u0000 onerror={0}>", "<scr<script>ipt>{0}</script>", "&lt;script&gt;{0}&lt;/script&gt;",
    "<xss style=animation-name:x onanimationstart={0}>", "<embed src=//evil.test>", "<portal src=//evil.test>", "<img src=//evil.test/x.png>",
    "]]><script>{0}</script>", "\\u003cscript\\u003e{0}\\u003c/script\\u003e", "<a ping=//evil.test href=#>x</a>", "<marquee onstart={0}>",
    "<button popovertarget=x>x</button><div popover id=x onbeforetoggle={0}>x", "<textarea></textarea><script>{0}</script>", "</textarea><script>{0}</script>",
    "<input type=image src=//evil.test>", "<table background=//evil.test>", "<audio src=x onerror={0}>",
)  # fmt: skip
HOSTILE = [
    *(one.format("alert(1)") for one in _WHOLE),
    *(f"<{tag} {handler}=alert(1)>" for tag, handler in itertools.product(_TAGS, _HANDLERS)),
    *(f"'\"><{tag} {handler}=alert(1)>" for tag, handler in itertools.product(_TAGS, _HANDLERS)),
]


@dataclass
class Changing(FakeOffice):
    """Another string in each field, in turn."""

    shown: itertools.cycle[str] = field(default_factory=lambda: itertools.cycle(HOSTILE))
    told: set[str] = field(default_factory=set)

    def __getattribute__(self, name: str) -> Any:
        if name != "payload":
            return super().__getattribute__(name)
        told = next(self.shown)
        self.told.add(told)
        return told


@dataclass
class Desk:
    """A console over a fake office at a real address, a browser of somebody, and what should not have happened in it."""

    office: FakeOffice
    url: str
    tokens: dict[Role, str]
    browser: Browser
    troubles: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def person(self, role: Role = Role.APPROVER, **options: Any) -> AsyncIterator[Page]:
        context = await self.browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})
        page = await context.new_page()
        await self._watch(context, page)
        try:
            await page.goto(f"{self.url}enter")
            await page.locator("#token").fill(self.tokens[role])
            await page.locator("#token").press("Enter")
            await page.wait_for_url(self.url)
            yield page
        finally:
            await context.close()

    async def open(self, page: Page, state: State) -> None:
        state.ready(self.office)
        await page.goto(f"{self.url}{state.path[1:]}")
        await state.steps(page)

    async def _watch(self, context: BrowserContext, page: Page) -> None:
        page.on("dialog", lambda dialog: self.troubles.append(f"dialog {dialog.message}"))
        page.on("pageerror", lambda error: self.troubles.append(f"error {error}"))
        page.on("console", lambda message: self.troubles.append(message.text) if message.type == "error" else None)
        page.on(
            "request", lambda request: None if request.url.startswith(self.url) else self.troubles.append(request.url)
        )
        await context.add_init_script(
            "document.addEventListener('securitypolicyviolation', (e) => console.error('CSP ' + e.violatedDirective + ' ' + e.blockedURI))"
        )


@asynccontextmanager
async def served(office: FakeOffice, home: Path, browser: Browser) -> AsyncIterator[Desk]:
    tokens = {role: make_token(home / "console.tokens.json", role.value) for role in Role}
    async with serve(office, home, Seconds()) as at:
        yield Desk(office, at.url, tokens, browser)
