"""A page that changed is told by field, with both values: the readers fail loudly (F29, F30)."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.app.pages import accept_page, reading_of
from bot.cli.commands import cli
from bot.recordings import MISSING, Difference, Meta, Outcome, Trouble, differences, load
from tests.conftest import ROOT
from tests.recordings.conftest import Readings

on_the_page = pytest.mark.asyncio(loop_scope="session")


async def changed(readings: Readings, name: str, *swaps: tuple[str, str]) -> tuple[Difference, ...]:
    recording = load(ROOT / "recordings" / name)
    html = recording.html
    for old, new in swaps:
        assert html.count(old) >= 1, f"{old} is not on the page"
        html = html.replace(old, new, 1)
    assert recording.expected is not None
    return differences(recording.expected, await readings.read(recording, html))


@on_the_page
async def test_an_amount_with_other_digits_is_told_with_both(readings: Readings) -> None:
    swap = ("<dt>退款金额</dt><dd><span>¥129.00", "<dt>退款金额</dt><dd><span>¥192.00")
    assert await changed(readings, "taobao/detail.in_transit", swap) == (Difference("amount", "¥129.00", "¥192.00"),)


@on_the_page
async def test_a_value_deep_within_a_field_is_told_by_its_path(readings: Readings) -> None:
    found = await changed(readings, "taobao/detail.in_transit", ("1260克", "1620克"))
    assert found == (Difference("warehouse.outbound_weight_g", 1260, 1620),)


@on_the_page
async def test_a_label_worded_otherwise_is_the_error_that_names_it(readings: Readings) -> None:
    (found,) = await changed(readings, "taobao/detail.in_transit", ("<dt>退款金额</dt>", "<dt>申请金额</dt>"))
    assert (found.field, found.expected, found.found) == ("(outcome)", "39 fields", "Unreadable 退款金额")


@on_the_page
async def test_a_removed_field_is_the_error_that_names_it(readings: Readings) -> None:
    (found,) = await changed(readings, "taobao/detail.signed", ("<dt>版本号</dt>", "<dt hidden=''></dt>"))
    assert found.found == "Unreadable 版本号"


@on_the_page
async def test_a_field_that_may_be_absent_is_told_when_it_goes(readings: Readings) -> None:
    (found,) = await changed(readings, "taobao/detail.signed", ("<dt>付款时间</dt>", "<dt>下单时间</dt>"))
    assert found == Difference("paid_at", "2026-11-19T10:00:00+08:00", None)


@on_the_page
async def test_a_state_in_a_new_word_is_told_as_fact_and_as_unknown_label(readings: Readings) -> None:
    found = {
        one.field: one.found for one in await changed(readings, "taobao/detail.unshipped", ("待商家处理", "等待卖家"))
    }
    assert found["unknown_labels"] == ["等待卖家"]
    assert (found["state.raw"], found["state.value"]) == ("等待卖家", MISSING)


@on_the_page
async def test_reordered_rows_are_told(readings: Readings) -> None:
    html = load(ROOT / "recordings/taobao/list.first_page").html
    first, second = re.findall(r"<tr><td><input.*?</tr>", html)[:2]
    found = await changed(readings, "taobao/list.first_page", (f"{first}\n{second}", f"{second}\n{first}"))
    assert [one.field for one in found] == ["order[0]", "order[1]"]
    assert (found[0].expected, found[0].found) == (found[1].found, found[1].expected)


@on_the_page
async def test_scans_in_another_order_make_the_trail_unknown(readings: Readings) -> None:
    swap = ("2026-11-20 06:00:00", "2026-11-18 06:00:00")
    found = {one.field: one.found for one in await changed(readings, "courier/track.in_transit", swap)}
    assert found["YT1000002"]["why"] == "unknown.trail_unreadable"
    assert found["YT1000002.nodes"] is MISSING


@on_the_page
async def test_a_button_that_is_gone_is_told_as_control_and_as_target(readings: Readings) -> None:
    found = await changed(readings, "taobao/detail.in_transit", (">拦截快递</button>", ">拦截</button>"))
    told = {one.field: one.found for one in found}
    assert told["targets.detail.intercept"] == "absent"
    assert told["unknown_labels"] == ["拦截"]


@on_the_page
async def test_another_error_than_the_expected_one_is_told(readings: Readings) -> None:
    (found,) = await changed(readings, "taobao/detail.amount_unreadable", ("¥1O9.00", "¥1l9.00"))
    assert (found.field, found.expected, found.found) == ("raw", "¥1O9.00", "¥1l9.00")


def test_a_page_that_is_read_where_an_error_was_expected_is_told() -> None:
    trouble = Outcome(trouble=Trouble(error="Unreadable", target="a", raw="b"))
    assert differences(trouble, Outcome(fields={"x": 1})) == (Difference("(outcome)", "Unreadable a b", "1 fields"),)


def test_one_and_true_are_not_alike() -> None:
    assert differences(Outcome(fields={"x": 1}), Outcome(fields={"x": True})) == (Difference("x", 1, True),)


def test_time_stands_at_the_recorded_moment_in_shanghai() -> None:
    meta = Meta.model_validate({"platform": "taobao", "page": "detail", "at": "2026-11-22T02:00:00Z"})
    assert meta.at.isoformat() == "2026-11-22T10:00:00+08:00"


@on_the_page
async def test_what_was_read_is_taken_as_the_expectation_and_the_page_stays(readings: Readings, tmp_path: Path) -> None:
    folder = planted(tmp_path)
    page, recording = (folder / "page.html").read_bytes(), load(folder)
    found = await readings.read(recording)
    await accept_page(reading_of(recording, found))
    assert load(folder).expected == found
    assert (folder / "page.html").read_bytes() == page
    failed = Outcome(trouble=Trouble(error="Unreadable", target="a", raw="b"))
    await accept_page(reading_of(recording, failed))
    assert (load(folder).expected, (folder / "expected.json").exists()) == (failed, False)


def test_check_names_field_and_both_values_and_exits_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command itself, with a browser of its own."""
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    expected = (planted(tmp_path) / "expected.json").read_bytes()
    red = CliRunner().invoke(cli, ["page", "check", str(tmp_path)], env={"COLUMNS": "200"})
    assert red.exit_code == 1
    assert all(word in red.stdout for word in ("taobao/detail.signed", "warehouse.outbound_weight_g", "1260", "1620"))
    assert (tmp_path / "taobao/detail.signed/expected.json").read_bytes() == expected, "nothing is rewritten unasked"


def planted(tmp_path: Path) -> Path:
    """A recording with another weight on its page."""
    folder = tmp_path / "taobao" / "detail.signed"
    shutil.copytree(ROOT / "recordings" / "taobao" / "detail.signed", folder)
    page = folder / "page.html"
    page.write_text(page.read_text(encoding="utf-8").replace("1260克", "1620克"), encoding="utf-8", newline="")
    return folder
