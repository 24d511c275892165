"""Claims on the console in a real browser: every button, keys alone, no script at all, hostile words, foreign pages, accessibility."""

from __future__ import annotations

import asyncio
import codecs
import itertools
import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, Route

from bot.ports.wanted import HandVerdict
from tests.e2e.at_the_console import (
    AUDITED,
    COLOURFUL,
    COVERED,
    HOSTILE,
    OWN_WORDS,
    PAGES,
    REHEARSED,
    STATES,
    UNMASKED,
    Changing,
    Desk,
    State,
    served,
)
from tests.unit.console.test_doors import CASE

BUTTONS = "button:not(header *, dialog *, [type=reset], [data-copy])"
UNFOLD = "document.querySelectorAll('details, form[hidden]').forEach((one) => { one.open = true; one.hidden = false })"


async def _laid_open(desk: Desk, page: Page, state: State) -> list[str]:
    """With all of its buttons in sight: the forms that they send."""
    await desk.open(page, state)
    await page.evaluate(UNFOLD)
    desk.office.acts.clear()  # a robot that is stopped has another page
    return list(await page.locator(BUTTONS).evaluate_all("(all) => all.map((one) => one.form.outerHTML)"))


async def _sent(page: Page, button: Locator) -> str:
    """Where the form around it goes, filled in as far as it asks for something, once it is answered."""
    form = button.locator("xpath=ancestor::form")
    for box in await form.locator("input[required]").all():
        await box.fill("so it is")
    if await form.locator("input[name=ids]").count():
        await form.locator("input[name=ids]").evaluate("(box) => { box.value = 'two,one' }")
    place = str(await form.get_attribute("action"))
    async with page.expect_navigation() as went:
        await button.click()
    answer = await went.value
    assert answer is not None
    assert answer.status == 200, place
    return place


async def test_every_button_does_its_deed_and_none_is_dead(desk: Desk) -> None:
    """A form that was sent from another page, to the letter, has only to be within reach. What each page is for is done in Chinese too, by keys."""
    known: set[str] = set()
    sent: set[str] = set()
    acts: list[tuple[object, ...]] = []
    async with desk.person() as page:
        for state in STATES:
            forms = await _laid_open(desk, page, state)
            fresh = [place for place, form in enumerate(forms) if form not in known]
            for place in set(range(len(forms))) - set(fresh):
                await page.locator(BUTTONS).nth(place).click(trial=True)
            for place in fresh:
                if place != fresh[0]:
                    await _laid_open(desk, page, state)
                sent.add(await _sent(page, page.locator(BUTTONS).nth(place)))
                acts += desk.office.acts
            known.update(forms)
    assert {act[0] for act in acts} == {
        "stop", "resume", "sweep", "unmask", "decide", "switch", "reorder", "breaker", "acknowledge", "sign", "withdraw", "end_sign_in", "enter", "look",
        "confirm", "save", "acknowledge_by_link",
    }  # fmt: skip
    own_words = {act[1].message for act in acts if isinstance(act[1], HandVerdict)}
    assert own_words == {"", "signed for by the porter"}, "own words are pressed for twice"
    assert {"/audit", "/strategies/edit", "/queue", "/cases", "/monitor"} <= sent
    assert desk.troubles == []


async def test_what_is_pressed_again_before_the_answer_came_is_asked_once(desk: Desk) -> None:
    """The second press would be told that somebody decided it already, and the person would take that for their first one's end."""
    sent, answer = asyncio.Event(), asyncio.Event()
    asked: list[str] = []

    async def slowly(route: Route) -> None:
        asked.append(route.request.url)
        sent.set()
        await answer.wait()
        await route.continue_()

    async with desk.person() as page:
        await desk.open(page, State(f"{CASE}/decide?verb=agree_refund"))
        await page.route("**/decide", slowly)
        await page.locator("#why").fill("known to us")
        press = page.locator("main form button.main")
        await press.scroll_into_view_if_needed()
        place = await press.bounding_box()
        assert place is not None
        async with page.expect_navigation():
            await page.mouse.click(place["x"] + 9, place["y"] + 9)
            await sent.wait()
            await page.mouse.click(place["x"] + 9, place["y"] + 9)
            answer.set()
        assert len(asked) == 1
        assert [act[0] for act in desk.office.acts] == ["decide"]
        await page.go_back()
        await page.locator("#why").fill("once more")
        async with page.expect_navigation():
            await press.click()
        assert [act[0] for act in desk.office.acts] == ["decide", "decide"]
    assert desk.troubles == []


async def test_the_language_is_switched_where_one_is_and_a_page_behind_a_form_goes_back_above_it(desk: Desk) -> None:
    async with desk.person() as page:
        switch = page.locator("form[action='/language'] button")
        await page.goto(f"{desk.url}cases?text=x&status=held")
        for language in ("zh-CN", "en"):
            await switch.click()
            await page.wait_for_url("**/cases?text=x&status=held")
            await page.locator(f"html[lang={language}]").wait_for()
        for state, back in ((UNMASKED, CASE), (OWN_WORDS, CASE), (REHEARSED, "/strategies"), (AUDITED, "/audit")):
            await desk.open(page, state)
            async with page.expect_navigation() as went:
                await switch.click()
            answer = await went.value
            assert answer is not None
            assert (answer.status, answer.url) == (200, f"{desk.url}{back[1:]}")
    assert desk.troubles == []


async def test_who_signs_out_is_out_whatever_page_is_asked_for_then(desk: Desk) -> None:
    async with desk.person() as page:
        cookies = await page.context.cookies()
        await page.locator("form[action='/leave'] button").click()
        await page.wait_for_url("**/enter")
        await page.context.add_cookies(cookies)
        await page.goto(f"{desk.url}queue")
        assert page.url == f"{desk.url}enter", "the session is over, not only forgotten by the browser"


async def test_the_head_of_the_chain_is_copied_as_it_stands_there(desk: Desk) -> None:
    async with desk.person(permissions=["clipboard-read", "clipboard-write"]) as page:
        await page.goto(f"{desk.url}audit")
        copy = page.locator("[data-copy]")
        before = await copy.inner_text()
        await copy.click()
        await page.wait_for_function(
            "(words) => document.querySelector('[data-copy]').textContent !== words", arg=before
        )
        assert await page.evaluate("navigator.clipboard.readText()") == "7 " + "f" * 64
        await page.locator("[data-copy]").filter(has_text=before).wait_for()
    assert desk.troubles == []


async def test_where_no_page_may_write_to_the_clipboard_what_was_to_be_copied_is_marked(desk: Desk) -> None:
    async with desk.person(permissions=["clipboard-read"]) as page:
        await page.goto(f"{desk.url}audit")
        await page.locator("[data-copy]").click()
        await page.wait_for_function("getSelection().toString() !== ''")
        assert await page.evaluate("getSelection().toString()") == "7 " + "f" * 64
    assert desk.troubles == []


async def test_an_order_that_was_dragged_and_not_wanted_is_put_back(desk: Desk) -> None:
    async with desk.person() as page:
        await page.goto(f"{desk.url}strategies")
        rows = page.locator(".strategies li")
        await rows.nth(1).locator(".place").drag_to(rows.nth(0).locator(".place"))
        assert [await row.get_attribute("data-id") for row in await rows.all()] == ["two", "one"]
        await page.locator("form.order button[type=reset]").click()
        assert [await row.get_attribute("data-id") for row in await rows.all()] == ["one", "two"]
        assert not await page.locator("form.order").is_visible()
        assert desk.office.acts == []


async def test_a_dragged_order_of_many_has_its_button_in_sight_wherever_the_list_ends(desk: Desk) -> None:
    async with desk.person() as page:
        await page.goto(f"{desk.url}strategies")
        await page.evaluate(
            "(() => { const list = document.querySelector('.strategies'); for (let n = 0; n < 40; n++) list.append(list.lastElementChild.cloneNode(true)) })()"
        )
        rows = page.locator(".strategies li")
        await rows.nth(1).locator(".place").drag_to(rows.nth(0).locator(".place"))
        save = page.locator("form.order button.main")
        await save.wait_for()
        box = await save.bounding_box()
        assert box is not None
        assert 0 < box["y"] < 860 - box["height"]
    assert desk.troubles == []


async def test_what_the_monitor_shows_is_taken_away_as_files(desk: Desk) -> None:
    async with desk.person() as page:
        await page.goto(f"{desk.url}monitor?reason=x")
        for link, begins in ((".take a >> nth=0", codecs.BOM_UTF8), (".take a >> nth=1", b"PK")):
            async with page.expect_download() as taken:
                await page.locator(link).click()
            file = await (await taken.value).path()
            assert file.read_bytes().startswith(begins), link
    assert desk.troubles == []


async def test_a_case_is_decided_by_keys_alone(desk: Desk) -> None:
    async with desk.person() as page:
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("?")
        assert await page.locator("#help").is_visible()
        await page.keyboard.press("Escape")
        assert not await page.locator("#help").is_visible()
        await page.clock.set_fixed_time("2026-11-22T10:00:00")
        await page.keyboard.press("g")
        await page.keyboard.press("q")
        await page.wait_for_url("**/queue")
        await page.keyboard.press("j")
        await page.wait_for_url("**see=**")
        await page.keyboard.press("k")
        await page.locator("#preview[inert]").wait_for(state="detached")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/case/**")
        await page.keyboard.press("r")
        await page.wait_for_url("**/decide?verb=refuse")
        await page.wait_for_function("() => document.activeElement?.id === 'why'")
        await page.keyboard.type("signed for at the door")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/queue")
        assert await page.locator(".notice").is_visible()
        assert [act[0] for act in desk.office.acts] == ["decide"]
        await page.keyboard.press("/")
        assert await page.evaluate("document.activeElement.id") == "seek"
        await page.keyboard.type("gs")
        assert page.url.endswith("/queue"), "keys typed into a field are text"
    assert desk.troubles == []


async def test_single_keys_can_be_switched_off(desk: Desk) -> None:
    async with desk.person() as page:
        await page.locator("[data-open=help]").click()
        await page.locator("[data-shortcuts]").check()
        await page.keyboard.press("Escape")
        await page.keyboard.press("g")
        await page.keyboard.press("q")
        assert page.url == desk.url


async def test_where_one_is_stands_in_sight_on_a_narrow_screen(desk: Desk) -> None:
    async with desk.person(viewport={"width": 390, "height": 800}) as page:
        for path in ("strategies", "audit"):
            await page.goto(f"{desk.url}{path}")
            box = await page.locator("#tabs [aria-current]").bounding_box()
            assert box is not None
            assert box["x"] >= 0, path
            assert box["x"] + box["width"] <= 390, path


async def test_everything_works_without_any_script(desk: Desk) -> None:
    async with desk.person(java_script_enabled=False) as page:
        await page.locator("nav a", has_text="To decide").click()
        await page.locator("#list a").first.click()
        await page.locator(".verbs a", has_text="Refuse").click()
        await page.locator("#why").fill("signed for at the door")
        await page.locator("button.main").click()
        assert [act[0] for act in desk.office.acts] == ["decide"]
        await page.goto(f"{desk.url}strategies")
        await page.locator("button[aria-label='Move 想退 down']").click()
        assert desk.office.acts[-1][0] == "reorder"


async def test_strategies_are_dragged_and_saved_as_one(desk: Desk) -> None:
    async with desk.person() as page:
        await page.goto(f"{desk.url}strategies")
        rows = page.locator(".strategies li")
        await rows.nth(1).locator(".place").drag_to(rows.nth(0).locator(".place"))
        await page.locator("form.order button.main").click()
        await page.wait_for_load_state()
        assert desk.office.acts == [("reorder", ("two", "one"), "approver")]


async def test_a_key_pressed_before_the_chosen_case_stands_there_opens_no_other_case(desk: Desk) -> None:
    """`j` and at once `r`: the answer is still on its way, and what stands there is the case before."""
    held: asyncio.Queue[Route] = asyncio.Queue()
    async with desk.person() as page:
        await page.goto(f"{desk.url}queue")
        second = await page.locator("[data-row]").nth(1).get_attribute("href")
        assert second is not None
        await page.route(f"**{second.partition('#')[0]}", held.put)
        # a document that stands there already goes on by its old way to the network for a moment
        await page.reload()
        await page.evaluate("document.addEventListener('click', () => { window.clicked = true })")
        before = await page.locator("#preview").get_attribute("data-from")
        await page.keyboard.press("j")
        late = await asyncio.wait_for(held.get(), 30)
        for key_pressed in ("a", "r", "Enter"):
            await page.keyboard.press(key_pressed)
            assert await page.evaluate("window.clicked") is None, key_pressed
        await page.keyboard.press("k")
        await page.wait_for_url("**see=**")
        async with page.expect_response(late.request.url) as earlier:
            await late.continue_()
        await (await earlier.value).finished()
        await page.evaluate("new Promise((done) => setTimeout(done))")
        assert await page.locator("#preview").get_attribute("data-from") == before, (
            "of two answers the later choice stands"
        )
        await page.keyboard.press("r")
        await page.wait_for_url("**/decide?verb=refuse&queue=*")
    assert desk.troubles == []


async def test_a_hundred_hostile_strings_in_every_field_do_nothing(tmp_path: Path, bare_browser: Browser) -> None:
    assert len(HOSTILE) >= 100
    office = Changing()
    async with served(office, tmp_path, bare_browser) as made, made.person() as page:
        for state in itertools.islice(itertools.cycle(STATES), 3 * len(PAGES)):
            await made.open(page, state)
            strange = "script:not([src^='/static/']), iframe, object, embed, base, meta[http-equiv], img:not([src^='/picture/']), link:not([href^='/static/'])"
            assert await page.locator(strange).count() == 0
            assert (
                await page.evaluate(
                    "[...document.querySelectorAll('*')].flatMap((e) => [...e.attributes]).filter((a) => a.name.startsWith('on')).length"
                )
                == 0
            )
        assert office.told == set(HOSTILE)
        assert made.troubles == []


async def test_a_foreign_page_can_neither_read_nor_write_nor_frame(desk: Desk) -> None:
    attack = f"""<form id=f method=post action="{desk.url}stop" target=t><input name=csrf value=x></form><iframe name=t></iframe>
    <iframe id=framed src="{desk.url}"></iframe><script>
    window.got = [];
    const ask = (what, how) => fetch(what, how).then((a) => a.text()).then((t) => window.got.push(t), () => window.got.push(''));
    window.done = Promise.all([ask('{desk.url}', {{credentials: 'include'}}), ask('{desk.url}stop', {{method: 'POST', credentials: 'include', mode: 'no-cors', body: 'csrf=x'}}),
      ask('{desk.url}stop', {{method: 'POST', credentials: 'include'}}), ask('{desk.url}live', {{credentials: 'include'}})]);
    document.getElementById('f').submit();
    </script>"""

    async def evil(route: Route) -> None:
        await route.fulfill(content_type="text/html", body=attack)

    async with desk.person() as page:
        await page.context.route("http://evil.test/**", evil)
        foreign = await page.context.new_page()
        await foreign.goto("http://evil.test/")
        await foreign.evaluate("window.done")
        assert set(json.loads(await foreign.evaluate("JSON.stringify(window.got)"))) == {""}
        inside = [await frame.content() for frame in foreign.frames[1:]]
        assert not any("RefundPilot" in told for told in inside)
    assert desk.office.acts == []


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_nothing_runs_out_of_a_page_on_a_phone_or_a_desk(desk: Desk, language: str) -> None:
    desk.office.language = language
    desk.office.payload = "长" * 60 + "w" * 200
    async with desk.person() as page:
        for state in (*STATES, *COVERED):
            await desk.open(page, state)
            for width in (390, 1280):
                await page.set_viewport_size({"width": width, "height": 844})
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, f"{state} {width}"


@pytest.mark.parametrize(
    ("scheme", "language", "states"),
    [("light", "en", (State("/enter"), *STATES, *COVERED)), ("dark", "zh", COLOURFUL)],
    ids=["light-en", "dark-zh"],
)
async def test_axe_finds_nothing_serious(desk: Desk, scheme: str, language: str, states: Sequence[State]) -> None:
    axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    desk.office.language = language
    found = []
    async with desk.person(color_scheme=scheme) as page:
        for state in states:
            await desk.open(page, state)
            await page.evaluate(axe)
            told = json.loads(
                await page.evaluate(
                    "axe.run(document, {resultTypes: ['violations'], preload: false, iframes: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}).then((r) => JSON.stringify(r.violations))"
                )
            )
            found += [
                f"{state} {one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0]['failureSummary'][:200]}"
                for one in told
                if one["impact"] in {"serious", "critical"}
            ]
    assert found == []
