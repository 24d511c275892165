"""Parcels as the courier tells them; a portal in trouble is Unknown, never an empty trail (domain.md 4)."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import datetime

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Page

from bot.browser.exchange import Answer
from bot.browser.guard import Mode
from bot.browser.launch import BrowserHost
from bot.browser.read import Block, Field, Grid, Note, PageData
from bot.clock import SystemClock
from bot.domain.base import SHANGHAI
from bot.domain.case import InterceptState
from bot.domain.courier import ParcelStatus, SignerKind, Trail
from bot.domain.facts import Fact, Known, Unknown
from bot.errors import PageError, RefundPilotError, SignInRefused
from bot.ports.desks import CourierDesk
from flows.courier import session
from flows.courier.endpoints import BATCH
from flows.courier.parse import parse_trails
from flows.courier.session import Portal
from flows.courier.trails import TRIES
from flows.navigation import Visit
from flows.registry import Login, Site, Workplace, courier
from tests.conftest import Simulator, end_simulator, start_simulator

on_the_page = pytest.mark.asyncio(loop_scope="session")

NOW = datetime(2026, 11, 22, 10, tzinfo=SHANGHAI)
HEAD = ("时间", "城市", "状态", "描述")
NODES = (("2026-11-21 10:00:00", "成都市", "已签收", "已签收"), ("2026-11-20 10:00:00", "义乌市", "已揽收", "已揽收"))
FACTS = {
    "快递公司": "圆通速递", "状态": "已签收", "寄件城市": "义乌市", "收件城市": "成都市", "揽收重量": "1.25kg", "到件重量": "—",
    "下单时间": "2026-11-20 08:00:00", "签收人": "本人", "签收城市": "成都市", "签收凭证": "签名照片", "拦截状态": "无",
}  # fmt: skip


def page(*articles: Block) -> PageData:
    return PageData(url="https://courier.example/track", name="", header=(), body=Block(title=""), sections=articles)


def article(number: str = "YT1", rows: tuple[tuple[str, ...], ...] = NODES, **changes: str) -> Block:
    facts = tuple(
        Field(group="", label=label, value=text) for label, text in {**FACTS, **changes}.items() if text != "<drop>"
    )
    return Block(title=number, fields=facts, grids=(Grid(group="", head=HEAD, rows=rows),))


def read(block: Block, number: str = "YT1") -> Fact[Trail]:
    return parse_trails([number], page(block), NOW)[number]


def trail(block: Block) -> Trail:
    found = read(block)
    assert isinstance(found, Known), found
    return found.value


def test_a_trail_is_read_whole() -> None:
    seen = trail(article())
    assert (seen.picked_up_weight_g, seen.arrival_weight_g) == (1250, None)
    assert isinstance(seen.status, Known)
    assert seen.status.value is ParcelStatus.SIGNED
    assert isinstance(seen.signer, Known)
    assert seen.signer.value is SignerKind.BUYER
    assert isinstance(seen.intercept, Known)
    assert seen.intercept.value is InterceptState.NONE
    assert [node.city for node in seen.nodes] == ["成都市", "义乌市"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("家人", SignerKind.FAMILY),
        ("快递柜（取件码已取）", SignerKind.LOCKER_TAKEN),
        ("快递柜(取件码已取)", SignerKind.LOCKER_TAKEN),
        ("驿站(已取件)", SignerKind.STATION_TAKEN),
        ("快递柜(待取件)", SignerKind.NOT_TAKEN),
        ("他人代收", SignerKind.OTHER),
        ("门口", SignerKind.DOORSTEP),
    ],
)
def test_the_signer_is_read(text: str, kind: SignerKind) -> None:
    signer = trail(article(签收人=text)).signer
    assert isinstance(signer, Known)
    assert signer.value is kind


def test_nobody_signed_is_not_somebody_unknown() -> None:
    assert trail(article(签收人="—")).signer is None
    assert isinstance(trail(article(签收人="保安")).signer, Unknown)


@pytest.mark.parametrize(
    "changes",
    [{"状态": "<drop>"}, {"揽收重量": "约1kg"}, {"下单时间": "昨天"}, {"拦截状态": "<drop>"}, {"收件城市": ""}],
)
def test_a_trail_that_cannot_be_read_is_unknown_with_its_text(changes: dict[str, str]) -> None:
    found = read(article(**changes))
    assert isinstance(found, Unknown)
    assert found.why == "unknown.trail_unreadable"


def test_scans_in_another_order_are_not_trusted() -> None:
    assert isinstance(read(article(rows=NODES[::-1])), Unknown)


def test_an_unreadable_parcel_does_not_spoil_its_neighbours() -> None:
    found = parse_trails(["YT1", "YT2"], page(article("YT1", 状态="<drop>"), article("YT2")), NOW)
    assert isinstance(found["YT1"], Unknown)
    assert isinstance(found["YT2"], Known)


@pytest.mark.parametrize("blocks", [(), (article("YT12"),), (article(), article())])
def test_a_waybill_that_is_not_there_exactly_once_is_unknown(blocks: tuple[Block, ...]) -> None:
    found = parse_trails(["YT1"], page(*blocks), NOW)["YT1"]
    assert isinstance(found, Unknown)
    assert found.why == "unknown.waybill_absent"


def test_a_waybill_that_the_courier_does_not_know_is_told() -> None:
    found = read(Block(title="YT1", notes=(Note(group="", text="查无此单"),)))
    assert isinstance(found, Unknown)
    assert found.why == "unknown.waybill"


@pytest.mark.parametrize(
    ("text", "state"), [("已登记", InterceptState.ACCEPTED), ("拦截失败：已派送", InterceptState.FAILED)]
)
def test_accepted_is_not_intercepted_and_a_failure_is_read_past_its_reason(text: str, state: InterceptState) -> None:
    intercept = trail(article(拦截状态=text)).intercept
    assert isinstance(intercept, Known)
    assert intercept.value is state


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    started = start_simulator(tmp_path_factory.mktemp("simulator") / "log", scenario="intercept", seed=5, cases=30)
    yield started
    end_simulator(started)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(host: BrowserHost, world: Simulator) -> AsyncIterator[CourierDesk]:
    sheet = world.probe.get("/sandbox.json").json()
    place = Workplace(host, SystemClock(), Mode.ACT)
    login = Login(sheet["courier_account"], sheet["courier_password"])
    async with courier().open_courier(place, Site(world.courier), login) as opened:
        yield opened


@on_the_page
async def test_more_waybills_than_one_page_takes_are_all_answered(desk: CourierDesk) -> None:
    asked = [f"NOPE{number:04d}" for number in range(120)]
    found = await desk.trails([*asked, *asked])
    assert set(found) == set(asked)
    assert all(isinstance(one, Unknown) and one.why == "unknown.waybill" for one in found.values())


@on_the_page
async def test_nothing_asked_is_nothing_answered(desk: CourierDesk) -> None:
    assert await desk.trails([]) == {}


@on_the_page
async def test_a_portal_out_of_reach_is_unknown_for_every_parcel(host: BrowserHost) -> None:
    place = Workplace(host, SystemClock(), Mode.ACT)
    async with courier().open_courier(place, Site("http://127.0.0.1:9"), Login("a", "b")) as desk:
        found = await desk.trails(["YT1", "YT2"])
    assert {one.why for one in found.values() if isinstance(one, Unknown)} == {"unknown.courier_unreachable"}
    assert set(found) == {"YT1", "YT2"}


def sign_ins(world: Simulator) -> int:
    return int(world.get("requests").get("POST courier:/login", 0))


@on_the_page
async def test_a_wrong_password_at_the_courier_is_unknown_and_tried_once_for_all_batches(
    host: BrowserHost, world: Simulator
) -> None:
    before, place = sign_ins(world), Workplace(host, SystemClock(), Mode.ACT)
    async with courier().open_courier(place, Site(world.courier), Login("nobody", "wrong")) as desk:
        found = await desk.trails([f"YT{number}" for number in range(BATCH + 1)])
        with pytest.raises(SignInRefused):
            await desk.picture("YT1")
    told = {one.raw for one in found.values() if isinstance(one, Unknown)}
    assert len(found) == BATCH + 1
    assert len(told) == 1
    assert "refuses the sign-in" in told.pop()
    assert sign_ins(world) == before + 1


@on_the_page
async def test_an_account_that_was_refused_is_not_typed_again_by_later_sweeps_until_somebody_changed_something(
    host: BrowserHost, world: Simulator
) -> None:
    """Each sweep of each shop opens the portal anew; every try counts towards a lock of the account."""
    told: list[RefundPilotError | None] = []
    place = Workplace(host, SystemClock(), Mode.ACT, name="portal nobody", on_answer=told.append)
    before = sign_ins(world)
    try:
        for _ in range(3):
            async with courier().open_courier(place, Site(world.courier), Login("nobody", "wrong")) as desk:
                await desk.trails(["YT1"])
        assert sign_ins(world) == before + 1
        assert [type(one) for one in told] == [SignInRefused] * 3
        host.refused.clear()
        async with courier().open_courier(place, Site(world.courier), Login("nobody", "wrong")) as desk:
            await desk.trails(["YT1"])
        assert sign_ins(world) == before + 2
    finally:
        host.refused.clear()


@on_the_page
async def test_whoever_wants_to_know_is_told_how_each_question_came_out(host: BrowserHost, world: Simulator) -> None:
    told: list[RefundPilotError | None] = []
    place = Workplace(host, SystemClock(), Mode.ACT, on_answer=told.append)
    sheet = world.probe.get("/sandbox.json").json()
    login = Login(sheet["courier_account"], sheet["courier_password"])
    async with courier().open_courier(place, Site(world.courier), login) as desk:
        await desk.trails(["YT1"])
    async with courier().open_courier(place, Site("http://127.0.0.1:9"), login) as desk:
        await desk.trails(["YT1"])
    assert told[0] is None
    assert isinstance(told[1], PageError)


ANSWERED = {
    "a server in trouble is asked again": (502, "sign_in.problem", TRIES + 1),
    "what leads nowhere twice is a refusal that nobody can read": (200, "", 2),
}


@on_the_page
@pytest.mark.parametrize(("status", "shown", "times"), ANSWERED.values(), ids=ANSWERED.keys())
async def test_what_the_sign_in_is_answered_says_whether_to_try_again(
    host: BrowserHost, world: Simulator, monkeypatch: pytest.MonkeyPatch, status: int, shown: str, times: int
) -> None:
    typed = []

    async def typing(page: Page, *_: object) -> Answer:
        typed.append(page.url)
        return Answer(status, {}, {})

    async def showing(*_: object) -> str:
        return shown

    monkeypatch.setattr(session, "type_login", typing)
    monkeypatch.setattr(session, "whichever", showing)
    place = Workplace(host, SystemClock(), Mode.ACT)
    async with courier().open_courier(place, Site(world.courier), Login("a", "b")) as desk:
        await desk.trails(["YT1"])
        with pytest.raises((PageError, SignInRefused)):
            await desk.picture("YT1")
    assert len(typed) == times


@on_the_page
async def test_a_picture_shows_the_article_of_that_waybill(desk: CourierDesk) -> None:
    assert (await desk.picture("NOPE0001")).startswith(b"\x89PNG")


MASKED = (0x5B, 0x64, 0x72)
CALL = """document.querySelector("article").insertAdjacentHTML("beforeend", "<p style='color:#00f'>派件员 13800001111</p>")"""


@on_the_page
async def test_a_phone_number_in_a_trail_is_covered_in_its_picture(
    desk: CourierDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture goes to the platform as proof, and scans name the courier's man (S5)."""
    go = Portal.go

    async def with_a_phone(portal: Portal, path: str) -> tuple[Page, Visit]:
        page, visited = await go(portal, path)
        await page.evaluate(CALL)
        return page, visited

    plain = await desk.picture("NOPE0001")
    monkeypatch.setattr(Portal, "go", with_a_phone)
    colours = [_colours(shot) for shot in (plain, await desk.picture("NOPE0001"))]
    assert colours[1][MASKED] - colours[0][MASKED] > 200


def _colours(shot: bytes) -> Counter[tuple[int, ...]]:
    with Image.open(io.BytesIO(shot)) as image:
        found = image.convert("RGB").getcolors(image.width * image.height)
    return Counter({colour: count for count, colour in found or [] if isinstance(colour, tuple)})
