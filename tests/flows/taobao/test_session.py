"""Signing in: secrets go where they belong or nowhere, a person's checks are left to a person (S6, F19 to F21, F60)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page

from bot.browser import window
from bot.browser.exchange import Answer
from bot.browser.guard import Mode
from bot.browser.launch import BrowserHost, LaunchOptions
from bot.browser.nuisances import Incident, Nuisance
from bot.browser.targets import load_targets
from bot.clock import SystemClock
from bot.errors import ChallengeRequired, PageError, SignInRefused, WrongShop
from flows.sign_in import SignInForm, refused, type_login
from flows.spec import Login, Site, Workplace
from flows.taobao.endpoints import HOME
from flows.taobao.session import Session
from flows.taobao.spec import Floor
from tests.conftest import Simulator, StartSimulator
from tests.e2e.person import Person
from tests.flows.taobao.conftest import Ground, floor_for

pytestmark = pytest.mark.asyncio(loop_scope="session")

SUBMIT = "POST /login/submit"
SECRET = Login("clerk", "hunter2-hunter2")


def sign_ins(simulator: Simulator) -> int:
    return int(simulator.get("requests").get(SUBMIT, 0))


async def test_who_is_signed_in_already_types_nothing(ground: Ground) -> None:
    before = sign_ins(ground.simulator)
    await ground.floor.session.ensure()
    assert sign_ins(ground.simulator) == before


async def test_the_sign_in_outlives_a_renewed_browser(ground: Ground) -> None:
    before = sign_ins(ground.simulator)
    await ground.floor.renew()
    await ground.floor.session.ensure()
    assert sign_ins(ground.simulator) == before


async def test_a_wrong_password_is_tried_once_and_told(host: BrowserHost, world: Simulator) -> None:
    async with floor_for(host, world, password="wrong") as floor:
        before = sign_ins(world)
        with pytest.raises(SignInRefused):
            await floor.session.ensure()
        assert sign_ins(world) == before + 1


@pytest.mark.parametrize("answer", [None, Answer(502, {}, {}), Answer(429, {"retry-after": "3"}, {})])
async def test_a_server_in_trouble_is_not_taken_for_a_wrong_password(
    host: BrowserHost, world: Simulator, answer: Answer | None
) -> None:
    async with floor_for(host, world) as floor:
        page = await login_page(floor, world.url)
        with pytest.raises(PageError):
            raise await refused(page, answer, "the back end")


@pytest.mark.parametrize("status", [200, 401, 403])
async def test_an_answer_that_says_no_is_final_whatever_status_it_wears(
    host: BrowserHost, world: Simulator, status: int
) -> None:
    async with floor_for(host, world) as floor:
        page = await login_page(floor, world.url)
        told = await refused(page, Answer(status, {}, {"msg": "密码错误"}), "the back end")
    assert isinstance(told, SignInRefused)
    assert "密码错误" in str(told)


async def test_another_shop_than_the_one_meant_is_refused(host: BrowserHost, world: Simulator) -> None:
    async with floor_for(host, world, name="别家旗舰店") as floor:
        with pytest.raises(WrongShop):
            await floor.session.ensure()


FORM = "<form action='%s'><label>账号<input name=account></label><label>密码<input type=password name=password></label><button>登录</button></form>"
FOREIGN = {
    "the form goes to another host": "document.querySelector('form').setAttribute('action', 'http://localhost:1/login')",
    "the form goes to another port": "document.querySelector('form').setAttribute('action', 'http://127.0.0.1:1/login')",
    "the form goes to a look-alike": "document.querySelector('form').setAttribute('action', location.origin + '@evil.example/')",
    "the form goes to another scheme": "document.querySelector('form').setAttribute('action', 'https://' + location.host + '/login')",
    "the button goes elsewhere": "document.querySelector('form button').setAttribute('formaction', 'http://localhost:1/login')",
    "the form hides its action": "document.querySelector('form').innerHTML += '<input name=action>'; document.querySelector('form').setAttribute('action', '//localhost:1/')",
}


async def login_page(floor: Floor, url: str) -> Page:
    page = await floor._office.browser.new_tab()
    await page.goto(f"{url}/login", wait_until="domcontentloaded")
    return page


@pytest.mark.parametrize("script", FOREIGN.values(), ids=list(FOREIGN))
async def test_a_form_of_another_origin_gets_not_one_key(host: BrowserHost, world: Simulator, script: str) -> None:
    async with floor_for(host, world) as floor:
        page = await login_page(floor, world.url)
        await page.evaluate(f"() => {{ {script} }}")
        form = SignInForm("sign_in", world.url, "/login/submit")
        with pytest.raises(SignInRefused) as caught:
            await type_login(page, load_targets("taobao"), form, SECRET)
        assert caught.value.reason_code == "session.foreign_origin"
        typed = await page.evaluate("() => [...document.querySelectorAll('input')].map((i) => i.value).join('')")
        assert typed == ""


async def test_a_sign_in_page_of_another_origin_gets_not_one_key(host: BrowserHost, world: Simulator) -> None:
    async with floor_for(host, world) as floor:
        page = await floor._office.browser.new_tab()
        await page.set_content(FORM % "/login")
        with pytest.raises(SignInRefused):
            await type_login(page, load_targets("taobao"), SignInForm("sign_in", world.url, "/login/submit"), SECRET)
        assert await page.evaluate("() => [...document.querySelectorAll('input')].map((i) => i.value).join('')") == ""


async def test_a_sign_in_inside_a_frame_gets_not_one_key(host: BrowserHost, world: Simulator) -> None:
    async with floor_for(host, world) as floor:
        page = await login_page(floor, world.url)
        await page.evaluate("() => { document.body.innerHTML = '<iframe src=/login></iframe>'; }")
        with pytest.raises(PageError):
            await type_login(page, load_targets("taobao"), SignInForm("sign_in", world.url, "/login/submit"), SECRET)


async def person_drags_the_slider(page: Page) -> None:
    knob = page.get_by_role("slider")
    box = await knob.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 5, box["y"] + 5)
    await page.mouse.down()
    for way in (60, 150, 260, 420, 900):
        await page.mouse.move(box["x"] + way, box["y"] + 6)
    await page.mouse.up()


async def test_a_slider_is_left_to_a_person_and_the_page_stays_open(
    host: BrowserHost, simulator: StartSimulator
) -> None:
    world = simulator(scenario="challenge", cases=10)
    async with floor_for(host, world) as floor:
        assert isinstance(floor.session, Session)
        with pytest.raises(ChallengeRequired):
            await floor.session.ensure()
        seen = await floor.session.sight()
        assert seen.picture.startswith(b"\x89PNG"), "whoever is called sees what waits"
        assert floor.session._challenge is not None
        page = floor.session._challenge.page
        assert not page.is_closed()
        before = world.get("requests")
        assert await floor.session.await_person(0.3) is False
        assert {name: n for name, n in world.get("requests").items() if name.startswith("POST /login")} == {
            name: n for name, n in before.items() if name.startswith("POST /login")
        }
        if await page.get_by_role("slider").count():
            waiting = asyncio.ensure_future(floor.session.await_person(20))
            await person_drags_the_slider(page)
            assert await waiting is True
            await floor.session.ensure()


@pytest.fixture
def kept(host: BrowserHost, monkeypatch: pytest.MonkeyPatch) -> Callable[[Simulator], Floor]:
    """Opens a floor whose sign-in the browser keeps for the next one, as a service does."""
    monkeypatch.setattr(host, "kept", {})
    place = Workplace(host, SystemClock(), Mode.READ_ONLY, name="one account")

    def floor(world: Simulator) -> Floor:
        shop = world.said["shops"][0]
        return Floor(place, Site(world.url, shop["shop_id"], shop["name"]), Login(shop["account"], shop["password"]))

    return floor


async def test_a_check_that_somebody_passed_at_a_desk_of_their_own_holds_nobody_up(
    simulator: StartSimulator, kept: Callable[[Simulator], Floor]
) -> None:
    """The account is free then; the robot's own session would stand at its check for ever."""
    world = simulator(scenario="calm", cases=10)
    shop = world.said["shops"][0]
    async with kept(world) as first:
        await first.session.ensure()
        world.post("faults", kind="challenge", at=HOME, which="slider", times=1)
        with pytest.raises(ChallengeRequired):
            await first.session.ensure()
    async with httpx.AsyncClient(base_url=world.url, timeout=30, trust_env=False) as desk:
        await desk.post("/login/submit", json={"account": shop["account"], "password": shop["password"]})
        await desk.post("/login/slider", json={"track": [0, 8, 21, 40, 63, 82, 95, 100]})
    before = sign_ins(world)
    async with kept(world) as second:
        await second.session.ensure()
        assert sign_ins(world) == before + 1
        await second.session.ensure()
        assert sign_ins(world) == before + 1, "once is enough"


async def test_while_nobody_passed_it_anywhere_each_session_signs_in_once(
    simulator: StartSimulator, kept: Callable[[Simulator], Floor]
) -> None:
    world = simulator(scenario="challenge", cases=10)
    for expected in (1, 2):
        async with kept(world) as floor:
            for _ in range(3):
                with pytest.raises(ChallengeRequired):
                    await floor.session.ensure()
        assert sign_ins(world) == expected


async def test_a_shop_that_breaks_right_after_the_check_is_asked_again_and_nobody_has_to_stay(
    host: BrowserHost, simulator: StartSimulator, tmp_path: Path
) -> None:
    """F12: the person passed it, saw the shop's error and went."""
    world = simulator(scenario="challenge", cases=10)
    async with floor_for(host, world) as floor:
        assert isinstance(floor.session, Session)
        with pytest.raises(ChallengeRequired):
            await floor.session.ensure()
        assert floor.session._challenge is not None
        world.post("faults", kind="http_5xx", at=HOME, times=2)
        waiting = asyncio.ensure_future(floor.session.await_person(30))
        await Person(host, world, tmp_path).passes(floor.session._challenge.page)
        assert await waiting is True
        assert world.get("faults")["fired"] == {"http_5xx": 2}


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> list[BrowserHost]:
    """Every window that is opened: another browser, here one that nobody sees either."""
    opened: list[BrowserHost] = []

    async def windowed(options: LaunchOptions) -> BrowserHost:
        opened.append(await BrowserHost.start(options))
        return opened[-1]

    monkeypatch.setattr(window, "windowed", windowed)
    return opened


async def waited_for_in_a_window(floor: Floor, windows: list[BrowserHost]) -> tuple[Page, asyncio.Future[bool]]:
    """The check in the one window that was opened for it, and whether somebody passes it in time."""
    with pytest.raises(ChallengeRequired):
        await floor.session.ensure()
    assert await floor.session.present()
    (page,) = (page for context in windows[0].browser.contexts for page in context.pages)
    return page, asyncio.ensure_future(floor.session.await_person(20))


@pytest_asyncio.fixture(loop_scope="session")
async def mortal(host: BrowserHost) -> AsyncIterator[BrowserHost]:
    """A browser that nobody else stands in."""
    started = await BrowserHost.start(host.options)
    yield started
    await started.close()


async def test_where_the_browser_has_no_window_the_check_is_passed_in_one_of_its_own(
    host: BrowserHost, simulator: StartSimulator, windows: list[BrowserHost], tmp_path: Path
) -> None:
    world = simulator(scenario="challenge", cases=10)
    async with floor_for(host, world) as floor:
        page, waiting = await waited_for_in_a_window(floor, windows)
        await Person(windows[0], world, tmp_path).passes(page)
        assert await waiting is True
        assert not windows[0].alive, "the window went with the wait"
        signed_in = sign_ins(world)
        await floor.session.ensure()
        assert sign_ins(world) == signed_in, "what was signed in there is signed in here"


async def test_a_browser_that_dies_beside_the_window_takes_nothing_from_the_person_there(
    mortal: BrowserHost, simulator: StartSimulator, windows: list[BrowserHost], tmp_path: Path
) -> None:
    """Another shop's page hung in it, say."""
    world = simulator(scenario="challenge", cases=10)
    async with floor_for(mortal, world) as floor:
        page, waiting = await waited_for_in_a_window(floor, windows)
        mortal.kill()
        await Person(windows[0], world, tmp_path).passes(page)
        assert await waiting is True
        signed_in = sign_ins(world)
        await floor.session.ensure()
        assert sign_ins(world) == signed_in, "what was signed in there is signed in in the new browser"


async def test_a_check_that_died_with_its_browser_is_no_person_who_did_not_come(
    mortal: BrowserHost, simulator: StartSimulator
) -> None:
    world = simulator(scenario="challenge", cases=10)
    async with floor_for(mortal, world) as floor:
        with pytest.raises(ChallengeRequired):
            await floor.session.ensure()
        waiting = asyncio.ensure_future(floor.session.await_person(20))
        mortal.kill()
        with pytest.raises(PageError):
            await waiting
        await mortal.restart(mortal.generation)
        with pytest.raises(PageError):
            await floor.session.await_person(20)


async def test_a_window_that_nobody_used_is_closed_with_the_floor(
    host: BrowserHost, simulator: StartSimulator, windows: list[BrowserHost]
) -> None:
    async with floor_for(host, simulator(scenario="challenge", cases=10)) as floor:
        with pytest.raises(ChallengeRequired):
            await floor.session.ensure()
        await floor.session.present()
        assert windows[0].alive
    assert not windows[0].alive


async def test_what_a_page_does_unasked_is_told_to_the_workplace(host: BrowserHost, world: Simulator) -> None:
    heard: list[Incident] = []
    shop = world.said["shops"][0]
    place = Workplace(host, SystemClock(), Mode.READ_ONLY, on_incident=heard.append)
    async with Floor(place, Site(world.url, shop["shop_id"], shop["name"]), SECRET) as floor:
        page = await floor._office.browser.new_tab()
        await page.evaluate("() => alert('您好')")
    assert [(one.kind, one.text) for one in heard] == [(Nuisance.DIALOG, "alert: 您好")]
