"""Slider and SMS: the robot calls a person, keeps its hands off, and goes on where it stood; when nobody comes, it leaves (F21)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Page
from sqlalchemy import func, select

from bot.app import leave_running
from bot.app.service import service
from bot.browser.launch import BrowserHost
from bot.config import load_home
from bot.domain.outcome import CaseStatus
from bot.errors import PersonDemanded
from bot.ledger import SqlReader
from bot.ledger.schema import intents
from bot.ports.exits import ExitCode
from bot.ports.progress import NullProgress, Progress, Stage
from bot.ports.results import SweepResult
from bot.ports.status import RunOptions
from tests.conftest import Simulator, StartSimulator
from tests.e2e.acceptance import judge, lines_of, make_home
from tests.e2e.in_process import AtStage, alarms, lend_browser, only, ours, sweep_here, writes_of
from tests.e2e.person import CHALLENGE, Person, called
from tests.flows.taobao.conftest import await_counters

DETAIL: Final = "/trade-platform/refund-list/detail"
LIST_PAGE: Final = "/trade-platform/refund-list"
CASES: Final = 3
ENOUGH_S: Final = 120.0
LARGE_FEN: Final = 300_000


@pytest.fixture(autouse=True)
def _in_one_browser(monkeypatch: pytest.MonkeyPatch, host: BrowserHost) -> None:
    lend_browser(monkeypatch, host)


@asynccontextmanager
async def under_way(home: Path, progress: Progress | None = None) -> AsyncIterator[asyncio.Task[SweepResult]]:
    """A sweep that goes on beside the person; it does not outlive a test that failed."""
    sweep = asyncio.create_task(sweep_here(home, progress))
    try:
        yield sweep
    finally:
        sweep.cancel()
        await asyncio.gather(sweep, return_exceptions=True)


def spy_on_the_front(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses of the pages that were put in front of the screen."""
    fronted: list[str] = []

    async def front(page: Page) -> None:
        fronted.append(page.url)

    monkeypatch.setattr(Page, "bring_to_front", front)
    return fronted


def settled(home: Path) -> int:
    return sum(bool(line.receipts) for line in lines_of(home).values())


def sent(home: Path) -> int:
    """Requests that the guard ever let go; each stands in the ledger before it leaves."""
    with SqlReader(home / "ledger.db") as reader, reader.engine.connect() as books:
        return int(books.execute(select(func.count(intents.c.sent_at))).scalar_one())


def ends(home: Path) -> Counter[CaseStatus]:
    return Counter(line.status for line in lines_of(home).values())


def waiting(home: Path) -> Counter[str]:
    """Why cases wait, by the code of the reason."""
    return Counter(line.reasons[0].code for line in lines_of(home).values() if line.status is CaseStatus.WAITING)


@pytest.mark.parametrize("seed", [90, 91])
async def test_sign_in_that_asks_for_a_person_is_passed_by_one_and_the_sweep_finishes(
    simulator: StartSimulator, host: BrowserHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    shop = simulator(scenario="challenge", seed=seed, cases=10)
    before = shop.get("cases")
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1, max_cases=CASES, pictures=False)
    person = Person(host, shop, home)
    fronted = spy_on_the_front(monkeypatch)
    async with under_way(home) as sweep:
        await person.passes(await person.sees_challenge())
        result = await sweep
    assert len(fronted) == 1
    assert "/login/verify" in fronted[0]
    assert result.shops[0].stopped is None
    assert len(called(home)) == 1
    assert shop.get("requests")["POST /login/submit"] == 1
    verdict = judge(shop, home, before)
    assert verdict.safe, verdict


@pytest.mark.parametrize("where", ["list", "detail", "while firing"])
async def test_challenge_amid_the_sweep_is_passed_by_a_person_and_the_sweep_goes_on_where_it_stood(
    simulator: StartSimulator, host: BrowserHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    await_counters(monkeypatch)
    shop = simulator(scenario="unshipped", seed=92, cases=10)
    before = shop.get("cases")
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1, max_cases=CASES, pictures=False)
    progress = plant_challenge(shop, where)
    person = Person(host, shop, home)
    async with under_way(home, progress) as sweep:
        page = await person.sees_challenge()
        let_go = sent(home)
        await asyncio.sleep(0.5)  # a person takes a moment; whatever the robot had in hand would come out now
        assert not page.is_closed()
        assert sent(home) == let_go, "a click after the call"
        assert writes_of(shop).total() <= let_go
        await person.passes(page)
        result = await sweep
    assert (result.exit_code, result.shops[0].acted) == (ExitCode.DONE, {"agree_refund": CASES})
    assert (len(called(home)), settled(home)) == (1, CASES)
    assert shop.get("requests")[f"GET {LIST_PAGE}"] == (2 if where == "list" else 1)
    verdict = judge(shop, home, before)
    assert (verdict.twice, verdict.without_receipt, verdict.outside_label) == ((), (), ())


@pytest.mark.parametrize("where", ["list", "detail"])
async def test_nobody_comes_the_page_stays_for_as_long_as_told_and_the_rest_waits(
    simulator: StartSimulator, host: BrowserHost, tmp_path: Path, where: str
) -> None:
    shop = simulator(scenario="unshipped", seed=93, cases=10)
    before = shop.get("cases")
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1, challenge_wait_s=2, pictures=False)
    person = Person(host, shop, home)
    async with under_way(home, plant_challenge(shop, where)) as sweep:
        await person.sees_challenge()
        signed_in = shop.get("requests")["POST /login/submit"]
        result = await sweep
    assert result.exit_code is ExitCode.PERSON
    assert person.was_waited_for(2)
    assert shop.get("requests")["POST /login/submit"] == signed_in
    assert settled(home) == len(ours(shop))
    assert "" in called(home)
    if where == "detail":
        # the case that was being written to when the challenge came up is held, the others wait
        assert set(ends(home)) <= {CaseStatus.DONE, CaseStatus.HELD, CaseStatus.WAITING}
        assert ends(home)[CaseStatus.HELD] <= 1
        assert ends(home).total() == len(before)
        assert waiting(home)[CHALLENGE] == ends(home)[CaseStatus.WAITING] > 0
    verdict = judge(shop, home, before)
    assert (verdict.twice, verdict.without_receipt) == ((), ())


async def test_nobody_comes_to_the_sign_in_and_nothing_was_clicked(
    simulator: StartSimulator, host: BrowserHost, tmp_path: Path
) -> None:
    shop = simulator(scenario="challenge", seed=94, cases=10)
    home = make_home(shop, tmp_path / "home", challenge_wait_s=2)
    person = Person(host, shop, home)
    async with under_way(home) as sweep:
        await person.sees_challenge()
        result = await sweep
    assert result.exit_code is ExitCode.PERSON
    assert person.was_waited_for(2)
    assert (ours(shop), writes_of(shop)) == ([], {})
    assert shop.get("requests").get("POST /login/slider", 0) == shop.get("requests").get("POST /login/sms", 0) == 0


async def test_other_shops_are_swept_while_the_page_of_one_waits_and_that_one_goes_on_from_where_it_stood(
    simulator: StartSimulator, host: BrowserHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = simulator(scenario="unshipped", seed=96, cases=10, shops=2)
    before = shop.get("cases")
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1, max_cases=2, pictures=False, sweep="12h")
    lend_to_the_service(monkeypatch, host)
    shop.post("faults", kind="challenge", at=LIST_PAGE, times=1)
    person, stop = Person(host, shop, home), asyncio.Event()
    running = asyncio.create_task(leave_running(load_home(home), RunOptions(until_idle=True), NullProgress(), stop))
    try:
        async with asyncio.timeout(ENOUGH_S):
            page = await person.sees_challenge()
            while settled(home) < 2:  # noqa: ASYNC110 - what the robot does meanwhile is read off its books
                await asyncio.sleep(0.1)
            swept = {case["shop_id"] for case in before if case["aftersale_id"] in acted(home)}
            assert len(swept) == 1, "the other one, to its end"
            assert not page.is_closed()
            await person.passes(page)
            result = await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert (result.sweeps, result.acted) == (2, {"agree_refund": 4})
    assert {case["shop_id"] for case in before if case["aftersale_id"] in acted(home)} > swept
    assert called(home) == [""]
    assert shop.get("requests")["POST /login/submit"] == 2, "one a shop"
    verdict = judge(shop, home, before)
    assert (verdict.twice, verdict.without_receipt, verdict.outside_label) == ((), (), ())


def lend_to_the_service(monkeypatch: pytest.MonkeyPatch, host: BrowserHost) -> None:
    """It works in the tests' browser too; what it kept there is gone with it."""

    @asynccontextmanager
    async def lent(*_: object) -> AsyncIterator[BrowserHost]:
        try:
            yield host
        finally:
            host.kept = None
            host.signed_in.clear()

    monkeypatch.setattr(service, "browser_for", lent)


def acted(home: Path) -> set[str]:
    return {case for case, line in lines_of(home).items() if line.receipts}


async def test_code_asked_for_a_large_refund_is_a_persons_and_the_others_go_on(
    simulator: StartSimulator, tmp_path: Path
) -> None:
    shop = simulator(scenario="abuse", seed=5, cases=20)
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1, pictures=False)
    raise_cap(home)
    cases = shop.get("cases")
    large = [case for case in cases if case["amount_fen"] >= LARGE_FEN]
    result = await sweep_here(home, pick=only([*large, *cases[:4]]))
    assert result.exit_code is ExitCode.HELD
    assert result.shops[0].stopped is None
    asked = {case for case, line in lines_of(home).items() if why(line) == PersonDemanded.code}
    amounts = {case["aftersale_id"]: case["amount_fen"] for case in shop.get("cases")}
    assert asked
    assert all(amounts[case] >= LARGE_FEN for case in asked)
    assert not asked & {effect["aftersale_id"] for effect in ours(shop)}
    assert asked == {alarm["case_id"] for alarm in alarms(home) if alarm["reason"]["code"] == PersonDemanded.code}
    assert settled(home) == len(ours(shop)) > 0


def why(line: Any) -> str:
    return line.reasons[0].code if line.reasons else ""


def raise_cap(home: Path) -> None:
    """A merchant who lets the robot refund up to 9,000 元; the platform has its own mind about that."""
    policy = home / "policy.toml"
    text = policy.read_text(encoding="utf-8")
    assert 'when.amount_over = "2000.00"' in text
    policy.write_text(text.replace('"2000.00"', '"9000.00"'), encoding="utf-8")


def plant_challenge(shop: Simulator, where: str) -> AtStage | None:
    """On the list; at once, as the first case's facts are gathered; or on the page that is opened while a case is being written to."""

    def plant(at: str) -> None:
        shop.post("faults", kind="challenge", at=at, times=1)

    def strike(_: str) -> None:
        plant(DETAIL)
        shop.probe.get(DETAIL)  # by nobody who is signed in: every session of the shop is challenged all the same

    match where:
        case "list":
            plant(LIST_PAGE)
            return None
        case "detail":
            return AtStage(Stage.GATHERING, strike)
        case _:
            return AtStage(Stage.FIRING, plant)
