"""Claims on the console by keys alone: what each page is for, done without a pointer; and the editor's own script."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from playwright.async_api import Page

from tests.e2e.at_the_console import LINKED, NOT_WHOLE, REHEARSED, Desk

MOST_TABS: Final = 80


async def tab_to(page: Page, wanted: str) -> None:
    """As somebody gets there who has no pointer, and sees where they are."""
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        if await page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            assert await page.evaluate("document.activeElement.matches(':focus-visible')")
            return
    raise AssertionError(f"no way by Tab to {wanted} on {page.url}")


async def press(page: Page, wanted: str) -> None:
    """Past the frame, to the button, and the page that answers."""
    await tab_to(page, wanted)
    await follow(page, "Enter")


async def follow(page: Page, *keys: str) -> None:
    async with page.expect_navigation():
        for one in keys:
            await page.keyboard.press(one)


async def past_the_frame(page: Page) -> None:
    await tab_to(page, ".skip")
    await page.keyboard.press("Enter")


async def stop_and_go_on(page: Page) -> None:
    await follow(page, "X")
    await follow(page, "X")
    await past_the_frame(page)
    await press(page, "form[action='/resume'] button")


async def look_in_full(page: Page) -> None:
    await page.keyboard.press("j")
    await follow(page, "Enter")
    await past_the_frame(page)
    await tab_to(page, "#unmask summary")
    await page.keyboard.press("Enter")
    await tab_to(page, "#unmask-why")
    await page.keyboard.type("the buyer calls")
    await follow(page, "Enter")


async def agree_and_decline(page: Page) -> None:
    await past_the_frame(page)
    await press(page, ".signoffs button")
    await past_the_frame(page)
    await tab_to(page, ".signoffs button")
    await press(page, ".signoffs button:not(.main)")


async def filter_and_take_away(page: Page) -> None:
    await past_the_frame(page)
    await tab_to(page, "[name=reason]")
    await page.keyboard.type("late")
    await follow(page, "Enter")
    assert "reason=late" in page.url
    await past_the_frame(page)
    await tab_to(page, ".take a")
    async with page.expect_download():
        await page.keyboard.press("Enter")


async def switch_and_put_in_order(page: Page) -> None:
    await past_the_frame(page)
    await press(page, ".switch.on")
    await past_the_frame(page)
    await press(page, ".switch.off")
    await past_the_frame(page)
    await press(page, "form[action='/strategies/order']:has([value=down]) button")


async def edit_and_save(page: Page) -> None:
    await past_the_frame(page)
    await press(page, "a[href='/strategies/edit']")
    await past_the_frame(page)
    await tab_to(page, "[data-code]")
    await page.keyboard.press("Control+Home")
    await page.keyboard.type("# kept by ? and X\n")
    await press(page, "form[action='/strategies/edit'] button")
    await past_the_frame(page)
    await tab_to(page, "#why")
    await page.keyboard.type("so it is")
    await press(page, "form[action='/strategies/save'] button")


async def ask_for_sweeps(page: Page) -> None:
    await past_the_frame(page)
    await press(page, "form[action='/shops/taobao/s1/sweep'] button")
    await past_the_frame(page)
    await press(page, "main a[href='/sweep']")
    await past_the_frame(page)
    await tab_to(page, "#at_least")
    await page.keyboard.type("10")
    await follow(page, "Enter")
    await past_the_frame(page)
    await press(page, "form[action^='/sweep/'] button")


async def acknowledge(page: Page) -> None:
    await past_the_frame(page)
    await press(page, ".alarms button")


async def audit(page: Page) -> None:
    await past_the_frame(page)
    await press(page, "#audit button")
    assert await page.locator(".checks").is_visible()


WALKS: Final[dict[str, tuple[str, Callable[[Page], Awaitable[None]], list[str]]]] = {
    "today": ("t", stop_and_go_on, ["stop", "resume"]),
    "second person": ("p", agree_and_decline, ["sign", "sign"]),
    "a case": ("c", look_in_full, ["unmask"]),
    "monitor": ("m", filter_and_take_away, []),
    "strategies": ("s", switch_and_put_in_order, ["switch", "switch", "reorder"]),
    "the policy": ("s", edit_and_save, ["save"]),
    "shops": ("h", ask_for_sweeps, ["sweep", "look", "confirm"]),
    "alarms": ("a", acknowledge, ["acknowledge"]),
    "audit": ("u", audit, []),
}
"""What a page is for: the letter that goes there, the way on it, and what the office was asked for in the end."""


async def test_what_each_page_is_for_is_done_by_keys_alone_in_chinese_too(desk: Desk) -> None:
    desk.office.language = "zh"
    async with desk.person() as page:
        await page.clock.set_fixed_time("2026-11-22T10:00:00")
        await page.add_init_script("addEventListener('pointerdown', () => console.error('a pointer'))")
        for name, (letter, walk, wanted) in WALKS.items():
            desk.office.acts.clear()
            await follow(page, "g", letter)
            await walk(page)
            assert [act[0] for act in desk.office.acts] == wanted, name
        await desk.open(page, LINKED)
        await press(page, "button")
        assert desk.office.acts[-1][0] == "acknowledge_by_link"
    assert desk.troubles == []


async def caret(page: Page) -> tuple[str, str]:
    """What is marked in the editor, and what the line below it says of the line."""
    marked = await page.evaluate(
        "(() => { const code = document.querySelector('[data-code]'); return code.value.slice(code.selectionStart, code.selectionEnd) })()"
    )
    return str(marked), await page.locator("[data-caret]").inner_text()


async def test_the_editor_says_the_line_of_the_caret_and_leads_to_the_line_of_a_finding(desk: Desk) -> None:
    async with desk.person() as page:
        await desk.open(page, NOT_WHOLE)
        assert await page.locator("form[action='/strategies/save']").count() == 0, "what is not whole is not saved"
        assert await page.locator("[data-code]").input_value() == "name = 1\nbad\n", "what somebody wrote stands there"
        await page.locator("[data-code]").focus()
        await page.keyboard.press("Control+End")
        assert await caret(page) == ("", "line 3")
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("ArrowUp")
        assert await caret(page) == ("", "line 1")
        await page.locator(".findings [data-line]").press("Enter")
        assert await caret(page) == ("bad", "line 2")
        assert await page.evaluate("document.activeElement.matches('[data-code]')"), "who writes on writes there"


async def test_a_policy_that_was_changed_since_its_rehearsal_cannot_be_saved_until_it_is_as_it_was(desk: Desk) -> None:
    async with desk.person() as page:
        await desk.open(page, REHEARSED)
        save, told = page.locator("form[action='/strategies/save'] button"), page.locator("[data-changed]")
        assert (await save.is_enabled(), await told.is_visible()) == (True, False)
        await page.locator("[data-code]").focus()
        await page.keyboard.press("Control+End")
        await page.keyboard.type("x")
        assert (await save.is_enabled(), await told.is_visible()) == (False, True)
        await page.locator("#why").fill("so it is")
        await page.locator("#why").press("Enter")
        await page.locator("[data-code]").focus()
        await page.keyboard.press("Backspace")
        assert (await save.is_enabled(), await told.is_visible()) == (True, False)
        assert desk.office.acts == [], "Enter in the form does not get past it"
        await page.locator("[data-code]").press("x")
        await rehearse_again(page)
        assert await save.is_enabled()
    assert desk.troubles == []


async def rehearse_again(page: Page) -> None:
    async with page.expect_navigation():
        await page.locator("form[action='/strategies/edit'] button").click()
