"""Claims on the page in a browser: it asks for nothing, runs nothing of a stranger's, and can be used without script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from bot.catalogue import Catalogue, Language
from bot.domain.outcome import CaseStatus
from bot.report import ShopRun, build
from tests.unit.engine.builders import NOW, unshipped
from tests.unit.report.runs import Store, a_run, every_kind, line, png, refund, said_everywhere

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'><iframe src=javascript:alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<style>*{background:url(http://evil.test/a)}</style>",
    "<link rel=stylesheet href=//evil.test/x.css>",
    "</title></style></script><script src=//evil.test/x.js></script>",
    "<meta http-equiv=refresh content='0;url=http://evil.test/'>",
    "javascript:alert(1)//{{constructor.constructor('alert(1)')()}}",
    "\u202egnp.exe ¥00.1",
)


@dataclass
class Watched:
    """A page and everything that should not have happened on it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


@asynccontextmanager
async def opened(browser: Browser, path: Path, *, script: bool = True) -> AsyncIterator[Watched]:
    context = await browser.new_context(java_script_enabled=script)
    page = await context.new_page()
    seen = Watched(page)
    page.on(
        "request",
        lambda request: seen.requests.append(request.url) if request.url[:5] not in {"data:", "file:"} else None,
    )
    page.on("console", lambda message: seen.troubles.append(message.text))
    page.on("pageerror", lambda error: seen.troubles.append(str(error)))
    page.on("dialog", lambda dialog: seen.troubles.append(dialog.message))
    try:
        await page.goto(path.as_uri())
        yield seen
    finally:
        await context.close()


def written(folder: Path, *runs: ShopRun, store: Store | None = None) -> Path:
    return build(runs, (store or Store()).get, Catalogue(Language.EN), folder, NOW)


async def test_hostile_words_in_every_field_do_nothing(bare_browser: Browser, tmp_path: Path) -> None:
    runs = [a_run(*said_everywhere(payload), name=payload) for payload in HOSTILE]
    async with opened(bare_browser, written(tmp_path, *runs)) as seen:
        await seen.page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        assert seen.requests == []
        assert seen.troubles == []
        assert await seen.page.locator("iframe, object, embed, link, img[src]:not([src^='data:'])").count() == 0
        assert await seen.page.locator("script").count() == 1


async def test_the_page_asks_for_nothing_and_its_pictures_show(bare_browser: Browser, tmp_path: Path) -> None:
    store = Store(png())
    case = line(1, unshipped(), CaseStatus.HELD, evidence=store.evidence())
    async with opened(bare_browser, written(tmp_path, a_run(case), store=store)) as seen:
        await seen.page.locator("details.case > summary").click()
        picture = seen.page.locator(".zoom img")
        await picture.evaluate("(image) => image.decode()")
        assert await picture.evaluate("(image) => image.naturalWidth") == 960
        assert seen.requests == []
        assert seen.troubles == []


async def test_a_picture_grows_when_clicked_and_shrinks_again(bare_browser: Browser, tmp_path: Path) -> None:
    store = Store(png())
    case = line(1, unshipped(), CaseStatus.HELD, evidence=store.evidence())
    async with opened(bare_browser, written(tmp_path, a_run(case), store=store), script=False) as seen:
        await seen.page.locator("details.case > summary").click()
        small = await seen.page.locator(".zoom img").bounding_box()
        await seen.page.locator(".zoom").click()
        large = await seen.page.locator(".zoom img").bounding_box()
        await seen.page.locator(".zoom").click()
        again = await seen.page.locator(".zoom img").bounding_box()
        assert small is not None
        assert large is not None
        assert again is not None
        assert large["width"] > small["width"] * 1.5
        assert again["width"] == small["width"]


async def test_the_chips_filter_without_script(bare_browser: Browser, tmp_path: Path) -> None:
    async with opened(bare_browser, written(tmp_path, a_run(*every_kind())), script=False) as seen:
        assert await seen.page.locator("details.case:visible").count() == len(every_kind())
        await seen.page.locator(".chip", has_text="Refused").click()
        assert await seen.page.locator("details.case:visible").count() == 1
        assert await seen.page.locator(".scripted").is_hidden()


async def test_search_finds_a_case_by_its_order(bare_browser: Browser, tmp_path: Path) -> None:
    async with opened(bare_browser, written(tmp_path, a_run(*every_kind()))) as seen:
        await seen.page.locator("input[type=search]").fill("4500000003")
        assert await seen.page.locator("details.case:visible").count() == 1
        await seen.page.locator("input[type=search]").fill("no such words")
        assert await seen.page.locator(".none").is_visible()


async def test_a_link_of_a_hold_opens_its_case_past_a_filter(bare_browser: Browser, tmp_path: Path) -> None:
    async with opened(bare_browser, written(tmp_path, a_run(*every_kind(), refund(20)))) as seen:
        await seen.page.locator(".chip", has_text="Refused").click()
        link = seen.page.locator(".held a:visible").first
        target = await link.get_attribute("href")
        await link.click()
        await seen.page.locator(f"details{target}[open]").wait_for()


@pytest.mark.parametrize("width", [360, 390, 768, 1440])
async def test_nothing_runs_out_of_the_page(bare_browser: Browser, tmp_path: Path, width: int) -> None:
    async with opened(
        bare_browser, written(tmp_path, a_run(*every_kind(), *said_everywhere("长" * 300 + "w" * 300, 40)))
    ) as seen:
        await seen.page.set_viewport_size({"width": width, "height": 900})
        await seen.page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        assert await seen.page.evaluate("document.documentElement.scrollWidth") <= width
