"""Takes the console's pictures that the documents show, from a seeded shop at a moment that stands still.

uv run python -m tests.e2e.pictures [NAME …]

NAME is a picture's without `console-`, such as `queue`; without one all are taken. Each shows what somebody sees in a browser of
theirs beside the real service, at the size of their window; the whole story is gone through whatever is named, which takes minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager, chdir
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final, cast

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from bot.app import leave_running
from bot.app.office import HEAVY_FRESH_S
from bot.browser.provision import provide
from bot.config import load_home
from bot.config.tokens import make_token
from bot.console.serving import served_at
from bot.domain.action import RefusalReason, Verb
from bot.ledger import SqlReader
from bot.ports.progress import NullProgress
from bot.ports.status import RunOptions
from bot.scheduler.heartbeat import Phase, read_beat
from tests.conftest import ROOT, Simulator, end_simulator, start_simulator
from tests.e2e.acceptance import change, make_home
from tests.e2e.day.clock import ScaledClock, Tempo
from tests.screens import lacking, lacks_window, virtual_screen

NAMES: Final = ("today", "queue", "case", "decide", "strategies", "signoffs", "shops", "sweep", "phone")
PICTURES: Final = ROOT / "docs" / "pictures"
SEED, CASES, SHOPS = 7, 80, 2
LIST_PAGE: Final = "/trade-platform/refund-list"
PATIENCE_S: Final = 600
HOME: Final = Path("shop")
"""From the folder that the story is told in: the pages name it at their foot."""

APPROVER, OPERATOR = "李店长", "客服小陈"
PEOPLE: Final = "".join(
    f'[[console.person]]\nname = "{name}"\nrole = "{role}"\n'
    for name, role in ((APPROVER, "approver"), ("王经理", "approver"), (OPERATOR, "operator"))
)
MARKED, LARGE = "marked by the platform", "over ¥2,000"
"""Two held cases, by what the queue says of them: a rich one, and one that takes two persons."""

RHYTHM: Final = {"sweep": "5m", "follow_up": "2m", "reconcile": "10m"}
WIDER: Final = ('max_amount = "10.00"\ncap_day = "500.00"', 'max_amount = "100.00"\ncap_day = "500.00"')
"""What somebody would like the first of the small refunds to be."""

TO_LINE: Final = """(box, words) => {
    const lines = (text) => text.split("\\n").length;
    box.scrollTop = box.scrollHeight * lines(box.value.split(words)[0]) / lines(box.value) - 300;
}"""
WIDTH, HEIGHT = 1280, 800
HAND, GAP, BETWEEN = 390, 20, "#c9ced6"


@dataclass(frozen=True)
class Desk:
    """A service with its console over a simulated shop, and the browser of whoever looks."""

    simulator: Simulator
    browser: Browser
    url: str
    wanted: Collection[str]

    @asynccontextmanager
    async def person(self, name: str, **options: Any) -> AsyncIterator[Page]:
        """Somebody's own window, signed in, at Today."""
        window = {"viewport": {"width": WIDTH, "height": HEIGHT}, "locale": "en-GB", **options}
        context = await self.browser.new_context(**window)
        try:
            page = await context.new_page()
            await page.goto(f"{self.url}enter#{make_token(HOME / 'console.tokens.json', name)}")
            await page.wait_for_url(self.url)
            yield page
        finally:
            await context.close()

    async def take(self, name: str, page: Page, height: int = HEIGHT) -> None:
        """What stands in the window, made so high first."""
        await page.set_viewport_size({"width": WIDTH, "height": height})
        self.keep(name, await seen(page))

    def keep(self, name: str, picture: Image.Image) -> None:
        """Where it was asked for."""
        if name in self.wanted:
            file = PICTURES / f"console-{name}.png"
            light(picture).save(file, optimize=True)
            print(f"{file.name}: {file.stat().st_size} bytes", file=sys.stderr)

    async def swept(self, posture: str, times: int) -> None:
        """Until so many sweeps in this posture have come to their end, and nothing is in hand."""
        async with asyncio.timeout(PATIENCE_S):
            while self._ended(posture) < times or self._busy():  # noqa: ASYNC110 - read off the robot's books
                await asyncio.sleep(0.5)

    def _busy(self) -> bool:
        beat = read_beat(HOME / "heartbeat.json")
        return beat is None or beat.phase is not Phase.SLEEPING

    def _ended(self, posture: str) -> int:
        with SqlReader(HOME / "ledger.db") as reader:
            runs = [reader.run(run) for run in reader.runs(99)]
        return sum(run.posture == posture and run.closed_at is not None for run in runs)


async def seen(page: Page) -> Image.Image:
    """The window as it stands once its letters have come."""
    await page.evaluate("document.fonts.ready")
    return Image.open(BytesIO(await page.screenshot(animations="disabled"))).convert("RGB")


def light(picture: Image.Image) -> Image.Image:
    """In its own 256 most frequent colours: a third as heavy, every ground and letter as it was, and their edges as near.

    Pillow's own way moves white by a shade.
    """
    found = cast("list[tuple[int, tuple[int, ...]]]", picture.getcolors(picture.width * picture.height))
    kept = [colour for _, colour in sorted(found, reverse=True)[:256]]
    nearest = {one: min(range(len(kept)), key=lambda place: math.dist(one, kept[place])) for _, one in found}
    raw = picture.tobytes()
    made = Image.frombytes(
        "P", picture.size, bytes(map(nearest.__getitem__, zip(raw[::3], raw[1::3], raw[2::3], strict=True)))
    )
    made.putpalette(bytes(part for colour in kept for part in colour))
    return made


async def tell(desk: Desk) -> None:
    """The story: looked at first, swept, asked by one person and seen by the other; at last a shop asks for somebody."""
    async with desk.person(APPROVER) as page:
        await looked_at(desk, page)
        await by_schedule(desk, page)
        await page.goto(f"{desk.url}shops")
        await page.locator("form[action='/sweep'] button").click()
        await desk.swept("act", SHOPS)
    await asyncio.sleep(HEAVY_FRESH_S)  # the day's sums may be so old
    async with desk.person(OPERATOR) as page:
        await asks(desk, page)
    async with desk.person(APPROVER) as page:
        await read(desk, page)
    await in_the_hand(desk)
    async with desk.person(APPROVER) as page:
        await somebody_needed(desk, page)


async def looked_at(desk: Desk, page: Page) -> None:
    """What a sweep of one shop's larger sums would do; nobody presses."""
    await page.goto(f"{desk.url}sweep")
    await page.locator("#shop").select_option(index=1)
    await page.locator("#at_least").fill("200.00")
    await page.locator("form.sweepform button.main").click()
    await desk.swept("observe", 1)
    await page.locator("#look button.main").wait_for()
    await page.reload()
    await desk.take("sweep", page, 900)


async def by_schedule(desk: Desk, page: Page) -> None:
    """From now on as it ships, and Today names the next sweeps."""
    change(HOME / "refundpilot.toml", **RHYTHM)
    async with asyncio.timeout(PATIENCE_S):
        await page.goto(desk.url)
        while await page.locator("#shops .runs li").count() < SHOPS + 3:
            await page.reload()


async def asks(desk: Desk, page: Page) -> None:
    """A refund above the limit, and a wider strategy: each waits for a second person."""
    await open_case(desk, page, LARGE)
    await page.locator(f".verbs .v-{Verb.AGREE_REFUND}").click()
    await page.locator("#why").fill("The buyer cancelled before dispatch; the warehouse has the goods")
    await page.locator("button.main").click()
    await rehearses(desk, page)
    await page.locator("#result #why").fill("Small claims of received goods cost more by hand")
    await page.locator("#result button.main").click()
    await page.locator(".notice").wait_for()


async def open_case(desk: Desk, page: Page, held_for: str) -> None:
    await page.goto(f"{desk.url}queue")
    await page.locator("#list [data-row]").filter(has_text=held_for).first.click()
    await page.locator("#preview:not([inert]) .casehead a").click()


async def rehearses(desk: Desk, page: Page) -> None:
    await page.goto(f"{desk.url}strategies/edit")
    text = page.locator("#text")
    policy = await text.input_value()
    was, wider = WIDER
    assert was in policy, f"no longer in the policy that ships: {was}"
    await text.fill(policy.replace(was, wider, 1))
    await page.locator("form.panel button.main").click()
    await page.locator("#result .tiles").wait_for()


async def read(desk: Desk, page: Page) -> None:
    """The approver's day: Today, the queue, one case and what refusing it comes to, the rehearsal, what waits for a yes."""
    await page.goto(desk.url)
    await desk.take("today", page)
    await page.goto(f"{desk.url}queue")
    await desk.take("queue", page)
    await page.goto(f"{desk.url}signoffs")
    await desk.take("signoffs", page)
    await open_case(desk, page, MARKED)
    await page.locator(".verbs").wait_for()
    await desk.take("case", page, 1000)
    await page.locator(f".verbs .v-{Verb.REFUSE}").click()
    await page.locator("#refusal").select_option(RefusalReason.SIGNED_FOR)
    await page.locator("#message").fill("物流显示包裹已由您本人在取件柜取出，如有疑问请联系客服")
    await page.locator("#why").fill("Signed for in the buyer's city, the locker's code was used")
    await page.locator("button.main").click()
    await page.locator(".plan .pairs").wait_for()
    await desk.take("decide", page, 1080)
    await rehearses(desk, page)
    await page.locator("#text").evaluate(TO_LINE, WIDER[1])
    await desk.take("strategies", page, 900)


async def in_the_hand(desk: Desk) -> None:
    """Three phones beside one another, in Chinese, the first two in the dark."""
    shots = []
    for scheme, path, part in (("dark", "", ""), ("dark", "queue", "#preview"), ("light", "strategies", "")):
        async with desk.person(APPROVER, viewport={"width": HAND, "height": HEIGHT}, color_scheme=scheme) as page:
            await page.locator("button[name=language][value=zh]").click()
            await page.goto(f"{desk.url}{path}")
            if part:
                await page.locator(part).evaluate(
                    "(part) => scrollTo(0, part.getBoundingClientRect().top + scrollY - 16)"
                )
            shots.append(await seen(page))
    whole = Image.new("RGB", (len(shots) * (HAND + GAP) - GAP, HEIGHT), BETWEEN)
    for place, shot in enumerate(shots):
        whole.paste(shot, (place * (HAND + GAP), 0))
    desk.keep("phone", whole)


async def somebody_needed(desk: Desk, page: Page) -> None:
    """One shop asks for a slider while the other one rests."""
    desk.simulator.post("faults", kind="challenge", at=LIST_PAGE, times=1)
    await page.goto(f"{desk.url}shops")
    await page.locator("#cards form[action$='/sweep'] button").last.click()
    await page.locator("#person .needed").wait_for(timeout=60_000)
    await page.goto(f"{desk.url}shops")
    await desk.take("shops", page, 900)


@asynccontextmanager
async def opened(folder: Path, wanted: Collection[str]) -> AsyncIterator[Desk]:
    """World, home and service at one moment at which time stands still; the service sweeps only when asked."""
    world = {"scenario": "mixed", "seed": SEED, "cases": CASES, "shops": SHOPS, "rate": 0}
    async with AsyncExitStack() as beside:
        simulator = start_simulator(folder / "simulator.log", **world)
        beside.callback(end_simulator, simulator)
        make_home(simulator, HOME, language="en", **dict.fromkeys(RHYTHM, "never"))
        with (HOME / "refundpilot.toml").open("a", encoding="utf-8") as settings:
            settings.write(PEOPLE)
        began = datetime.fromisoformat(simulator.get("clock")["now"])
        Tempo(began, time.monotonic(), 0).keep(folder / "tempo.json")
        stop, clock = asyncio.Event(), ScaledClock(folder / "tempo.json")
        service = asyncio.create_task(leave_running(load_home(HOME), RunOptions(), NullProgress(), stop, clock))
        beside.push_async_callback(_end, service, stop)
        playwright = await beside.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=str(provide().path))
        beside.push_async_callback(browser.close)
        yield Desk(simulator, browser, await _answers(service), wanted)


async def _answers(service: asyncio.Task[Any]) -> str:
    async with asyncio.timeout(60):
        while not (url := served_at(HOME)):
            if service.done():
                await service
            await asyncio.sleep(0.1)
    return url


async def _end(service: asyncio.Task[Any], stop: asyncio.Event) -> None:
    stop.set()
    await service


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    wanted = parser.parse_args().names or NAMES
    if unknown := set(wanted) - set(NAMES):
        parser.error(f"no picture {', '.join(sorted(unknown))} among {', '.join(NAMES)}")
    if missing := lacking() or lacks_window():
        sys.exit(f"no window can be opened here for the shop that asks for a person: {missing}")
    with tempfile.TemporaryDirectory(prefix="refundpilot-pictures-") as name, chdir(name):
        folder = Path(name)
        with virtual_screen(folder / "screen.log") as os.environ["DISPLAY"]:
            async with opened(folder, wanted) as desk:
                await tell(desk)


if __name__ == "__main__":
    asyncio.run(main())
