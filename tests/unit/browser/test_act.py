"""Acts on a page that goes its own way meanwhile: trouble has a name of ours, and what went away by itself is none."""

from __future__ import annotations

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from bot.browser import act
from bot.browser.act import clear_overlays, offered
from bot.browser.targets import WriteTarget
from bot.errors import PageError, TargetMissing
from tests.unit.browser.conftest import Bench

GUIDE = WriteTarget(key="overlay.guide", use="write", role="button", name="知道了", within="page")
OVERLAY = "<div id=guide style='position:fixed;inset:0;background:#fff'><button>知道了</button></div>"
GOES_WHEN_LOOKED_AT = """() => {
  const hit = document.elementFromPoint.bind(document);
  document.elementFromPoint = (x, y) => { const found = hit(x, y); document.querySelector("#guide").remove(); return found; };
}"""
STAYS_SHUT = "<div style='position:fixed;inset:0;background:#fff'><button disabled>知道了</button></div>"
SELECT = """<button onclick="list.hidden = !list.hidden">请选择</button>
<ul role=listbox id=list hidden><li role=option> 甲 </li><li role=option>乙</li></ul>"""


async def test_an_overlay_that_goes_by_itself_while_it_is_looked_at_is_gone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(act, "PRESS_MS", 300)
    await bench.page.set_content(OVERLAY)
    await bench.page.evaluate(GOES_WHEN_LOOKED_AT)
    assert await clear_overlays(bench.page, [GUIDE]) == ()


async def test_an_overlay_is_closed_and_one_that_cannot_be_is_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.page.set_content(OVERLAY.replace("<button>", "<button onclick='guide.remove()'>"))
    assert await clear_overlays(bench.page, [GUIDE]) == ("overlay.guide",)
    assert await clear_overlays(bench.page, [GUIDE]) == ()
    monkeypatch.setattr(act, "PRESS_MS", 300)
    await bench.page.set_content(STAYS_SHUT)
    with pytest.raises(TargetMissing):
        await clear_overlays(bench.page, [GUIDE])


async def test_options_are_looked_at_and_closed_again_and_a_page_that_goes_meanwhile_is_page_trouble(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(_: Locator) -> list[str]:
        raise PlaywrightError("Execution context was destroyed, most likely because of a navigation")

    await bench.page.set_content(SELECT)
    combobox = bench.page.get_by_role("button")
    assert await offered(bench.page, combobox, "select") == ["甲", "乙"]
    assert not await bench.page.get_by_role("listbox").count()
    monkeypatch.setattr(Locator, "all_inner_texts", gone)
    with pytest.raises(PageError, match="select: Execution context"):
        await offered(bench.page, combobox, "select")
