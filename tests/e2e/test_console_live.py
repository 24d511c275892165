"""Claims on a console page that stays open: it follows what happens meanwhile, and takes nothing away from under a hand."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain.outcome import CaseStatus
from bot.ports.office_views import Role
from tests.e2e.at_the_console import (
    PAGES,
    REHEARSED,
    Desk,
)
from tests.unit.console.test_doors import CASE
from tests.unit.report.runs import key


async def test_an_order_that_is_not_saved_yet_outlives_what_the_robot_does_meanwhile(desk: Desk) -> None:
    async with desk.person() as page:
        await page.goto(f"{desk.url}strategies")
        rows = page.locator(".strategies li")
        await rows.nth(1).locator(".place").drag_to(rows.nth(0).locator(".place"))
        async with page.expect_response(f"{desk.url}strategies"):
            desk.office.seq += 1
        await page.locator("#stale").filter(has_text="New data").wait_for()
        assert [await row.get_attribute("data-id") for row in await rows.all()] == ["two", "one"]
        await page.locator("form.order button.main").click()
        await page.wait_for_load_state()
        assert desk.office.acts == [("reorder", ("two", "one"), "approver")]


async def test_the_kill_switch_is_on_every_page_and_comes_and_goes_by_itself(desk: Desk) -> None:
    async with desk.person(Role.VIEWER) as page:
        desk.office.acts.append(("stop", "somebody else"))
        await page.goto(f"{desk.url}budgets")
        assert await page.locator("#brake .brake").is_visible()
        assert await page.locator("#brake form").count() == 0
        desk.office.acts.clear()
        await page.locator("#brake form button").wait_for(timeout=8000)
        for path in PAGES:
            await page.goto(f"{desk.url}{path[1:]}")
            box = await page.locator("#brake form button").bounding_box()
            assert box is not None
            assert box["height"] >= 44, path
        await page.keyboard.press("X")
        await page.locator("#brake .brake").wait_for()
        assert [act[0] for act in desk.office.acts] == ["stop"]


async def test_what_runs_out_is_drawn_anew_while_nothing_else_happens(desk: Desk) -> None:
    async with desk.person() as page:
        for path, late in (("", ".due .t-urgent"), ("queue", "#list .t-urgent"), (CASE[1:], "#standing .t-urgent")):
            desk.office.passed = timedelta(hours=-30)
            await page.goto(f"{desk.url}{path}")
            assert await page.locator(late).count() == 0
            desk.office.passed = timedelta(hours=2)
            await page.locator(late).first.wait_for(timeout=8000)
            assert await page.locator(".fresh").count() == 0, "that time goes by is no news"
    assert desk.troubles == []


async def test_an_open_case_tells_what_became_of_it_wherever_it_stands(desk: Desk) -> None:
    """Decided by somebody else: its verbs go, whatever page it stands on, and no other case comes under the finger."""
    async with desk.person() as page:
        for path in ("queue", CASE[1:]):
            desk.office.status = CaseStatus.HELD
            await page.goto(f"{desk.url}{path}")
            number = await page.locator(".casehead bdi").first.inner_text()
            await page.locator(".verbs a").first.focus()
            desk.office.status = CaseStatus.DONE
            desk.office.seq += 1
            await page.locator(".verbs").wait_for(state="detached", timeout=8000)
            assert await page.locator(".casehead bdi").first.inner_text() == number
            assert await page.evaluate("document.activeElement === document.body")
        assert await page.locator("#standing .s-done").is_visible()
    assert desk.troubles == []


async def test_the_case_beside_the_queue_stays_though_another_one_is_more_pressing_by_now(desk: Desk) -> None:
    async with desk.person() as page:
        await page.goto(f"{desk.url}queue")
        shown = await page.locator("#preview").get_attribute("data-from")
        desk.office.first = 3
        desk.office.seq += 1
        await page.locator("#list .meta", has_text=key(3).aftersale_id).wait_for(timeout=8000)
        assert shown
        assert await page.locator("#preview").get_attribute("data-from") == shown


async def test_no_other_deed_comes_under_a_finger_that_rests_on_one(desk: Desk) -> None:
    """What was offered is not any more, and another verb stands in its place: Enter would have opened that one."""
    async with desk.person() as page:
        for path in ("queue", CASE[1:]):
            desk.office.unproven = False
            await page.goto(f"{desk.url}{path}")
            await page.locator(".verbs a").first.focus()
            desk.office.unproven = True
            desk.office.seq += 1
            await page.locator(".verbs .v-hold").wait_for(timeout=8000)
            assert await page.evaluate("document.activeElement === document.body")
    assert desk.troubles == []


async def test_the_shops_page_tells_of_the_service_that_works_now(desk: Desk) -> None:
    async with desk.person() as page:
        await page.goto(f"{desk.url}shops")
        before = await page.locator("#service").inner_text()
        desk.office.serves = False
        desk.office.seq += 1
        await page.locator("#service .nobody").wait_for(timeout=8000)
        assert await page.locator("#service").inner_text() != before


async def test_a_page_shows_what_changed_without_being_loaded_again(desk: Desk) -> None:
    async with desk.person() as page:
        await page.goto(f"{desk.url}queue")
        await page.evaluate("window.here = true")
        await page.locator("[name=least]").fill("12")
        desk.office.acts.append(("stop", "somebody else"))
        await page.locator("#brake .brake").wait_for()
        assert await page.evaluate("window.here") is True
        assert await page.locator("[name=least]").input_value() == "12", "what somebody types is left alone"
        desk.office.acts.clear()
        await page.goto(f"{desk.url}{CASE[1:]}")
        await page.locator("#unmask summary").click()
        await page.locator("#unmask-why").fill("the buyer calls")
        await page.locator("#unmask-why").press("Enter")
        await page.locator("dl.bare").wait_for()
        desk.office.acts.append(("stop", "somebody else"))
        await page.locator("#brake .brake").wait_for()
        assert await page.locator("dl.bare").is_visible(), "what answered a form stays, its frame is made anew"
    assert desk.troubles == []


async def test_a_page_that_answered_a_form_stays_where_it_is_among_the_pages(desk: Desk) -> None:
    """Its frame is made anew from another page, which stands elsewhere."""
    async with desk.person() as page:
        await desk.open(page, REHEARSED)
        desk.office.acts.append(("stop", "somebody else"))
        desk.office.seq += 1
        await page.locator("#brake .brake").wait_for()
        marked = page.locator(".tabs [aria-current]")
        assert [await one.get_attribute("href") for one in await marked.all()] == ["/strategies"]
    assert desk.troubles == []


def seconds_of(told: str) -> int:
    """Of a time left as `9:05` says it."""
    found = re.fullmatch(r"(\d+):([0-5]\d)", told)
    assert found, told
    return 60 * int(found[1]) + int(found[2])


async def test_the_wait_for_a_person_counts_down_by_itself_and_goes_when_it_is_over(desk: Desk) -> None:
    async with desk.person() as page:
        await page.goto(f"{desk.url}shops")
        clock = page.locator("#person .countdown")
        before = await clock.inner_text()
        await page.wait_for_function(
            "(told) => document.querySelector('#person .countdown').textContent !== told", arg=before
        )
        assert 0 < seconds_of(await clock.inner_text()) < seconds_of(before) <= 571
        desk.office.left_s = None
        desk.office.seq += 1
        await clock.wait_for(state="detached")
    assert desk.troubles == []
