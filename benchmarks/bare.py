"""What a user would write instead: sign in, open each detail, read 15 fields, agree, wait for the new state. No safety at all."""

from __future__ import annotations

import time
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

FIELDS = 15
DONE = "退款成功"


async def sign_in(browser: Browser, shop: dict[str, Any]) -> BrowserContext:
    context = await browser.new_context(locale="zh-CN")
    page = await context.new_page()
    await page.goto(f"{shop['url']}/login")
    await page.get_by_label("账号").fill(shop["account"])
    await page.get_by_label("密码").fill(shop["password"])
    await page.get_by_role("button", name="登录", exact=True).click()
    await page.wait_for_url("**/home*")
    await page.close()
    return context


async def agree(page: Page, url: str, case: str) -> list[str]:
    """One case the short way; the guide and the notice that stand in the way are clicked away, as any script would."""
    await page.goto(f"{url}/trade-platform/refund-list/detail?disputeId={case}")
    guide = page.get_by_role("button", name="我知道了", exact=True)
    if await guide.count():
        await guide.first.click()
    fields = await page.evaluate(f"[...document.querySelectorAll('dd')].slice(0, {FIELDS}).map(e => e.innerText)")
    await page.get_by_role("button", name="同意退款", exact=True).first.click()
    dialog = page.get_by_role("dialog").filter(has_text=case)
    await dialog.wait_for()
    top = page.get_by_role("dialog").last
    if await top.get_attribute("aria-label") == "同意退款须知":
        await top.get_by_role("button", name="关闭", exact=True).click()
    await dialog.get_by_role("button", name="同意退款", exact=True).click()
    await page.get_by_text(DONE, exact=True).first.wait_for()
    return list(fields)


async def run(browser: Browser, shop: dict[str, Any], cases: list[str]) -> float:
    """Seconds for all cases, one after the other in one tab, sign-in not counted."""
    context = await sign_in(browser, shop)
    page = await context.new_page()
    started = time.monotonic()
    for case in cases:
        await agree(page, shop["url"], case)
    seconds = time.monotonic() - started
    await context.close()
    return seconds
