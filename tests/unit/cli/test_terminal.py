"""The live picture and the tables: every count is there, no text of a page is taken for markup."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from bot.catalogue import Catalogue, Language
from bot.cli.summary import Summary
from bot.cli.terminal import RichProgress
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.outcome import CaseStatus
from bot.ports.progress import NullProgress, Progress, Stage
from bot.ports.results import ShopSweep
from tests.unit.cli.fakes import ACTED, AT, AUDIT, BAD_DEMO, DEMO, LOOKED, SHOP, STATUS, STOPPED, SWEEP, walk

BOTH = pytest.mark.parametrize("language", list(Language))


def screen(width: int = 140) -> Console:
    return Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None, legacy_windows=False)


def text_of(console: Console) -> str:
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


@BOTH
def test_bar_shows_shop_counts_and_the_case_in_hand(language: Language) -> None:
    console = screen()
    say = Catalogue(language)
    with RichProgress(console, say) as progress:
        walk(progress)
        progress.case(CaseKey(platform="taobao", shop_id="1001", aftersale_id="777"), Stage.FIRING)
        console.print(progress._picture())
    shown = text_of(console)
    assert "示例 [旗舰] 店" in shown
    assert "3/3" in shown
    assert f"777 {say.name(Stage.FIRING)}" in shown
    for end in (CaseStatus.HELD, CaseStatus.FAILED):
        assert f"{say.name(end)} 1" in shown
    assert say.text_of("error.session.challenge") in shown


def test_a_second_shop_starts_from_zero() -> None:
    console = screen()
    with RichProgress(console, Catalogue("en")) as progress:
        walk(progress)
        progress.shop(ShopKey(platform="taobao", shop_id="2"), "Second")
        progress.planned(9)
        console.print(progress._picture())
    last = text_of(console).split("Second")[-1]
    assert "0/9" in last
    assert "Failed" not in last


def test_a_service_that_waits_shows_until_when_and_no_old_count() -> None:
    console = screen()
    with RichProgress(console, Catalogue("en")) as progress:
        walk(progress)
        progress.waiting(AT, SHOP)
        console.print("now:", progress._picture())
        waits = text_of(console).split("now:")[-1]
        progress.shop(SHOP, "again")
        console.print("then:", progress._picture())
        sweeps = text_of(console).split("then:")[-1]
    assert "waiting until 09:00:00 taobao/1001" in waits
    assert "3/3" not in waits
    assert "again" in sweeps
    assert "waiting" not in sweeps


def test_the_wait_for_a_person_counts_down_until_it_is_over() -> None:
    console, said = screen(), []
    with RichProgress(console, Catalogue("en")) as progress:
        for left, window in ((61, True), (60, False), (None, True)):
            progress.person(SHOP, left, window=window)
            console.print("now:", progress._picture())
            said.append(text_of(console).split("now:")[-1])
    assert "taobao/1001: a person is needed, 1:01 left" in said[0]
    assert "there is no window here; 1:00 left" in said[1]
    assert "a person" not in said[2]


def test_each_shop_that_waits_for_a_person_counts_down_for_itself() -> None:
    console, other = screen(), ShopKey(platform="taobao", shop_id="1002")
    with RichProgress(console, Catalogue("en")) as progress:
        progress.person(SHOP, 61)
        progress.person(other, 30)
        progress.person(SHOP, None)
        console.print("now:", progress._picture())
    said = text_of(console).split("now:")[-1]
    assert "taobao/1002: a person is needed, 0:30 left" in said
    assert "taobao/1001: a person" not in said


def test_clock_runs_on_after_the_list_is_read() -> None:
    with RichProgress(screen(), Catalogue("en")) as progress:
        progress.shop(SHOP, "First")
        progress.listed(20, 20)
        progress.planned(20)
        assert progress._bar.tasks[0].finished_time is None


def test_null_progress_takes_everything_in_silence() -> None:
    progress: Progress = NullProgress()
    walk(progress)


@BOTH
@pytest.mark.parametrize("width", [80, 140])
def test_tables_leave_no_code_without_a_text(language: Language, width: int) -> None:
    console = screen(width)
    summary = Summary(Catalogue(language))
    for picture in (
        summary.demo(DEMO), summary.demo(BAD_DEMO), summary.sweep(SWEEP), summary.status(STATUS), summary.audit(AUDIT),
    ):  # fmt: skip
        console.print(picture)
    shown = text_of(console)
    assert "[cli." not in shown
    assert "{" not in shown
    assert "¥4,123.45" in shown
    assert max(map(cell_len, shown.splitlines())) <= width


def test_sweep_that_only_looked_says_so_and_shows_what_it_would_do() -> None:
    console = screen()
    console.print(Summary(Catalogue("en")).sweep(SWEEP.model_copy(update={"shops": (LOOKED,)})))
    shown = text_of(console)
    assert "Nothing was touched" in shown
    assert "Agree refund" in shown
    assert "Paid back" not in shown


@pytest.mark.parametrize(
    "words",
    ["Outcome unknown 1", "deadline before they are reached: 3", "could not be read: 1", "slider, SMS or captcha"],
)
def test_trouble_in_a_shop_is_never_left_out(words: str) -> None:
    console = screen()
    stopped = STOPPED.model_copy(update={"unknown": ACTED.unknown})
    console.print(Summary(Catalogue("en")).sweep(SWEEP.model_copy(update={"shops": (stopped,)})))
    assert words in " ".join(text_of(console).split())


def test_status_names_every_brake() -> None:
    console = screen()
    console.print(Summary(Catalogue("en")).status(STATUS))
    shown = text_of(console)
    for words in ("kill switch is on", f"{SHOP}: the breaker is open", "actions without a proven outcome: 2"):
        assert words in shown


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (2, "! 示例旗舰店: liable in 0.450% of orders (9 cases in 30 days); 2 more"),
        (0, "refunds new unshipped orders at once"),
    ],
)
def test_status_warns_before_a_takeover(left: int, words: str) -> None:
    console = screen(160)
    (shop,) = STATUS.shops
    assert shop.liability is not None
    told = shop.model_copy(update={"liability": shop.liability.model_copy(update={"cases_left": left})})
    console.print(Summary(Catalogue("en")).status(STATUS.model_copy(update={"shops": (told,)})))
    assert words in " ".join(text_of(console).split())


def test_a_sweep_tells_what_came_of_a_broken_policy() -> None:
    console = screen(160)
    note = Reason(code="policy.broken", params={"name": "balanced", "detail": "policy.toml:3: strategy"})
    console.print(
        Summary(Catalogue("en")).sweep(
            SWEEP.model_copy(update={"shops": (ACTED.model_copy(update={"notes": (note,)}),)})
        )
    )
    assert "! the policy file is wrong and was not taken; the last whole one, balanced, stays in force" in " ".join(
        text_of(console).replace("│", " ").split()
    )


def test_audit_names_each_breach() -> None:
    console = screen()
    console.print(Summary(Catalogue("en")).audit(AUDIT))
    assert "case 7 has two" in text_of(console)
    assert "not sound" in text_of(console)
    assert "! a picture nobody names" in text_of(console)


@BOTH
def test_a_challenge_that_nobody_passed_is_told_with_its_cure(language: Language) -> None:
    result = SWEEP.model_copy(update={"shops": (STOPPED,)})
    demo = DEMO.model_copy(update={"stopped": STOPPED.stopped})
    for picture in (Summary(Catalogue(language)).sweep(result), Summary(Catalogue(language)).demo(demo)):
        console = screen(200)
        console.print(picture)
        assert "headed = true" in text_of(console)


@BOTH
def test_a_demo_stopped_before_it_began_claims_no_agreement(language: Language) -> None:
    console, say = screen(), Catalogue(language)
    nothing = DEMO.model_copy(update={"effects": 0, "stopped": Reason(code="demo.stopped"), "exit_code": 130})
    console.print(Summary(say).demo(nothing))
    assert "✓" not in text_of(console)
    assert say.text_of("demo.stopped") in text_of(console)


@BOTH
def test_a_shop_that_was_left_unread_is_never_told_to_have_nothing_to_do(language: Language) -> None:
    say = Catalogue(language)
    unread = ShopSweep(shop="taobao/1", posture="act", stopped=STOPPED.stopped)
    for shop, told in ((unread, False), (unread.model_copy(update={"stopped": None}), True)):
        console = screen()
        console.print(Summary(say).sweep(SWEEP.model_copy(update={"shops": (shop,)})))
        assert (say.text_of("cli.nothing") in text_of(console)) is told
