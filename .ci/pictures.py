"""Takes the pictures of the README from the real things: simulator, terminal and report.

uv run python .ci/pictures.py
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, async_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.bare import sign_in  # noqa: E402 - the repository's root has to be on the path first
from bot.browser.provision import provide  # noqa: E402
from tests.conftest import end_simulator, start_simulator  # noqa: E402

OUT = ROOT / "docs" / "pictures"
PAGE = """<style>{stylesheet} body {{ margin: 0 }}
pre {{ margin: 0; padding: 18px 22px; background: {background}; color: {foreground}; font: 15px/1.35 "DejaVu Sans Mono", "WenQuanYi Micro Hei Mono", monospace }}
pre b {{ font-weight: inherit }} pre i {{ font: 1.2em/1 "WenQuanYi Micro Hei", sans-serif; font-weight: inherit }}
</style><pre><code style="font-family: inherit">{code}</code></pre>"""
WIDE = {"width": 1440, "height": 900}
_CHINESE = re.compile(r"[\u2e80-\u9fff\uff00-\uff60]")


async def simulator_page(browser: Browser) -> None:
    """A refund's detail page as a clerk sees it."""
    simulator = start_simulator(Path(tempfile.mkdtemp()) / "log", scenario="mixed", seed=8, cases=60)
    try:
        context = await sign_in(browser, {**simulator.said["shops"][0], "url": simulator.url})
        case = next(c for c in simulator.get("cases") if c["label"] == ["refuse"])["aftersale_id"]
        page = await context.new_page()
        await page.set_viewport_size(WIDE)
        await page.goto(f"{simulator.url}/trade-platform/refund-list/detail?disputeId={case}")
        guide = page.get_by_role("button", name="我知道了", exact=True)
        if await guide.count():
            await guide.first.click()
        await page.screenshot(path=OUT / "simulator.png")
    finally:
        end_simulator(simulator)


def run_demo() -> tuple[str, Path]:
    """A demo's last words in the terminal, and the report it left."""
    command = [sys.executable, "-c", "from bot.cli import main; main()", "demo", "--cases", "60", "--seed", "8"]
    told = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": "110", "LANG": "zh_CN.UTF-8", "LC_ALL": "zh_CN.UTF-8"}
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, check=True, text=True)
    # the terminal folds the long path; the newest demo of this PC is the one that just ended
    reports = Path(tempfile.gettempdir()).glob("refundpilot-demo-*/reports/*.html")
    return done.stdout, max(reports, key=lambda file: file.stat().st_mtime)


async def terminal(browser: Browser, said: str) -> None:
    """The terminal's text drawn as a terminal."""
    console = Console(record=True, width=110, file=io.StringIO())
    console.print(Text.from_ansi(f"$ uv run refundpilot demo\n{said}"))
    html = console.export_html(theme=MONOKAI, code_format=PAGE)
    # a terminal gives a Chinese character two cells and a tick one; fonts of a browser do not keep to that
    html = _CHINESE.sub(r'<b style="display:inline-block;width:2ch"><i>\g<0></i></b>', html)
    html = html.replace("✓", '<b style="display:inline-block;width:1ch">✓</b>')
    page = await browser.new_page(viewport={"width": 1120, "height": 600})
    await page.set_content(html)
    await page.locator("pre").screenshot(path=OUT / "terminal.png")


async def report(browser: Browser, file: Path) -> None:
    """The top of the report."""
    page = await browser.new_page(viewport=WIDE)
    await page.goto(file.as_uri())
    await page.screenshot(path=OUT / "report.png")


async def main() -> None:
    OUT.mkdir(exist_ok=True)
    said, file = run_demo()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(provide().path))
        await simulator_page(browser)
        await terminal(browser, said)
        await report(browser, file)
        await browser.close()
    sys.stdout.write(json.dumps({picture.name: picture.stat().st_size for picture in OUT.glob("*.png")}) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
