"""Checks of the browser: which one and why, that it starts, and that it draws Chinese and not empty boxes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

from playwright.async_api import Error as PlaywrightError

from bot.browser.find import FoundBrowser, Unfit, is_root
from bot.browser.launch import BrowserHost, LaunchOptions
from bot.browser.provision import provide
from bot.doctor.finding import Finding, found, of_error
from bot.doctor.patient import Patient
from bot.errors import BrowserMissing

_PAGE = "<p id=word lang=zh-CN style='font: 40px sans-serif'>退</p>"
_SAME_INK = """() => {
  const ink = word => { const c = document.createElement('canvas'); c.width = c.height = 48; const p = c.getContext('2d');
    p.font = '40px sans-serif'; p.fillText(word, 2, 40); return p.getImageData(0, 0, 48, 48).data.join() };
  return [...'退款'].some(word => ink(word) === ink('\\u{10FFFD}')) || ink('退') === ink('款') }"""
"""Whether a word is drawn like a character that no font has, or like another word: then both are empty boxes."""


async def browser(patient: Patient) -> AsyncIterator[Finding]:
    """Provide, start, ask; the font check needs the running browser, so it stands here too."""
    try:
        chosen = await asyncio.to_thread(
            provide,
            explicit=patient.browser_path,
            headed=patient.headed,
            tell=patient.tell,
            machine=patient.machine,
            run=patient.run,
        )
        host = await BrowserHost.start(LaunchOptions(chosen.path, frozenset(), headed=patient.headed))
    except BrowserMissing as missing:
        yield _lacking(missing)
        return
    try:
        for told in _told(chosen, host.version):
            yield told
        yield await _font(host)
    finally:
        await host.close()


def _lacking(missing: BrowserMissing) -> Finding:
    """None to be found has a cure for each reason; the bare family means that the one found does not start."""
    if missing.reason_code == BrowserMissing.code:
        return found("browser.broken", detail=missing.raw or missing)
    return of_error("browser", missing)


def _told(chosen: FoundBrowser, version: str) -> Iterator[Finding]:
    """What was chosen and why; then what came before it, is there, and still was not taken."""
    key = "browser.no_sandbox" if is_root() else "browser.ok"
    yield found(key, path=chosen.path, kind=chosen.kind, version=version, why=chosen.why)
    for candidate, unfit in chosen.rejected:
        if unfit is not Unfit.ABSENT:
            yield found("rejected.ok", path=candidate.path, unfit=unfit)


async def _font(host: BrowserHost) -> Finding:
    """The font that really draws 退, by the browser's own word."""
    context = await host.browser.new_context(locale="zh-CN")
    try:
        page = await context.new_page()
        await page.set_content(_PAGE)
        if await page.evaluate(_SAME_INK):
            return found("font.boxes")
        cdp = await context.new_cdp_session(page)
        for domain in ("DOM", "CSS"):
            await cdp.send(f"{domain}.enable")
        root = (await cdp.send("DOM.getDocument"))["root"]["nodeId"]
        node = (await cdp.send("DOM.querySelector", {"nodeId": root, "selector": "#word"}))["nodeId"]
        fonts = (await cdp.send("CSS.getPlatformFontsForNode", {"nodeId": node}))["fonts"]
        return found("font.ok", font=", ".join(font["familyName"] for font in fonts))
    except PlaywrightError as error:
        return found("font.unknown", detail=error.message)
    finally:
        await context.close()
