"""A page that failed becomes a recording with nobody in it, so that a mended selector has something to prove itself on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from bot.app import pages
from bot.app.pages import scrubbed
from bot.browser import read
from bot.browser.targets import load_targets
from bot.domain.base import SHANGHAI
from bot.domain.ids import RunId, ShopKey
from bot.errors import ConfigError, Sight
from bot.evidence.failures import FailureFolder
from bot.ports.failures import Failure
from bot.recordings import Bundle, Offline, Trouble, keep, load, meta_of
from bot.recordings.keeping import Kept
from flows.registry import pages_of
from tests.conftest import ROOT
from tests.recordings.conftest import Readings

_SCRIPT = read._script()
on_the_page = pytest.mark.asyncio(loop_scope="session")

AT = datetime(2026, 11, 22, 10, 0, 7, tzinfo=SHANGHAI)
PAGE = (ROOT / "recordings/taobao/detail.amount_unreadable/page.html").read_text(encoding="utf-8")
TALK = "t**小鹿：电话 13800001111，住在文三路 12 号楼 3 单元"


def bundle(home: Path, html: str = "", at: datetime | None = AT) -> Path:
    """What a sweep leaves of a page on which it could not read the amount; the buyer stands on it twice."""
    failure = Failure(
        run=RunId("run-1"),
        shop=ShopKey(platform="taobao", shop_id="tb-1"),
        case_id="9001001",
        code="error.page.unreadable",
        target="退款金额",
        page="https://shop.example/trade-platform/refund-list/detail",
        detail="退款金额: not an amount",
        raw="¥1O9.00",
        at=at,
    )
    told = PAGE.replace("买家发起了退款申请", TALK)
    assert TALK in told
    return Path(FailureFolder(home / "failures").keep(failure, Sight(html=html or told)))


async def kept(readings: Readings, found: Bundle, folder: Path, at: datetime | None = None) -> Kept:
    known = pages_of("taobao")
    meta = await meta_of(found, folder, readings.offline, known.shop_of, at)
    kind, targets = known.kind(meta.page, str(folder)), load_targets("taobao")
    return await keep(found.html, meta, folder, kind, targets, readings.offline, scrubbed)


@on_the_page
async def test_a_failed_page_becomes_a_recording_that_fails_as_it_did(readings: Readings, tmp_path: Path) -> None:
    folder = tmp_path / "taobao" / "detail.letter_in_amount"
    made = await kept(readings, Bundle.load(bundle(tmp_path)), folder)
    recording = load(folder)
    assert recording.expected is not None
    assert recording.expected.trouble == Trouble(error="Unreadable", target="退款金额", raw="¥1O9.00")
    meta = recording.meta
    assert (meta.shop_id, meta.shop_name, meta.asked) == ("tb-1", "山野户外旗舰店", ("9001001",))
    assert meta.at == AT
    assert await readings.read(recording) == recording.expected
    assert made.changed == ()


@on_the_page
async def test_nobody_stands_in_a_recording(readings: Readings, tmp_path: Path) -> None:
    folder = tmp_path / "taobao" / "detail.mended"
    found = Bundle.load(bundle(tmp_path, PAGE.replace("¥1O9.00", "¥109.00").replace("买家发起了退款申请", TALK)))
    made = await kept(readings, found, folder)
    text = "".join(file.read_text(encoding="utf-8") for file in folder.iterdir())
    for private in ("小鹿", "13800001111", "文三路", "12 号楼"):
        assert private not in text
    assert "private-1" in json.loads((folder / "expected.json").read_text(encoding="utf-8"))["buyer"]["name"]
    assert made.changed == ("buyer.name", "negotiation[0].text"), "amounts and dates are as they were"


@on_the_page
async def test_a_recording_is_never_overwritten(readings: Readings, tmp_path: Path) -> None:
    folder = tmp_path / "taobao" / "detail.once"
    found = Bundle.load(bundle(tmp_path))
    await kept(readings, found, folder)
    with pytest.raises(ConfigError) as caught:
        await kept(readings, found, folder)
    assert caught.value.reason_code == "recordings.exists"


@on_the_page
async def test_a_bundle_of_before_needs_its_moment_from_a_person(readings: Readings, tmp_path: Path) -> None:
    folder = tmp_path / "taobao" / "detail.older"
    found = Bundle.load(bundle(tmp_path, at=None))
    with pytest.raises(ConfigError) as caught:
        await kept(readings, found, folder)
    assert caught.value.reason_code == "recordings.no_moment"
    assert (await kept(readings, found, folder, AT)).recording.meta.at == AT


@pytest.mark.parametrize(
    ("name", "code"),
    [("jd/detail.x", "recordings.other_platform"), ("taobao/nonsense", "recordings.bad_name"), ("taobao/cart.x", "recordings.no_such_page")],
)  # fmt: skip
@on_the_page
async def test_a_folder_that_fits_no_page_is_refused(readings: Readings, tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        await kept(readings, Bundle.load(bundle(tmp_path)), tmp_path / name)
    assert caught.value.reason_code == code
    assert not (tmp_path / name).exists()


@on_the_page
async def test_a_page_that_names_no_shop_is_kept_all_the_same(readings: Readings, tmp_path: Path) -> None:
    made = await kept(
        readings, Bundle.load(bundle(tmp_path, "<p>502 Bad Gateway</p>")), tmp_path / "taobao" / "detail.gone"
    )
    assert made.recording.expected is not None
    assert made.recording.expected.trouble is not None
    assert made.recording.expected.trouble.error == "WrongPage"


@on_the_page
async def test_what_is_kept_is_shown_checked_and_mended(
    readings: Readings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mended selector comes with the recording that failed before it: the whole way, but for the browser's start."""

    @asynccontextmanager
    async def ours() -> AsyncIterator[Offline]:
        yield readings.offline

    monkeypatch.setattr(pages, "_offline", ours)
    folder, picture = tmp_path / "recordings" / "taobao" / "detail.renamed", tmp_path / "page.png"
    html = PAGE.replace("¥1O9.00", "¥109.00").replace("<dt>申请原因</dt>", "<dt>退款原因</dt>")
    made = await pages.keep_page(bundle(tmp_path, html), folder)
    assert made.reading.error == {"error": "Unreadable", "target": "申请原因", "raw": ""}
    assert (await pages.check_pages([tmp_path / "recordings"])).differing == ()
    monkeypatch.setattr(
        read, "_script", lambda: _SCRIPT.replace("label: text(dt)", "label: text(dt).replace('退款原因', '申请原因')")
    )
    (mended,) = (await pages.check_pages([folder])).differing
    assert (mended.differences[0].expected, mended.differences[0].found) == ("Unreadable 申请原因", "39 fields")
    await pages.accept_page(mended)
    shown = await pages.show_page(folder, picture)
    assert (shown.as_expected, (shown.fields or {})["reason"]) == (True, "不想要了")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_bundle_that_is_none_is_told_with_its_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Bundle.load(tmp_path)
    assert (caught.value.reason_code, caught.value.page) == ("recordings.missing", str(tmp_path / "sought.json"))
    (tmp_path / "sought.json").write_text('{"run": "r"}', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Bundle.load(tmp_path)
    assert caught.value.reason_code == "recordings.spoilt"
    assert "shop" in caught.value.raw
