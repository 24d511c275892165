"""The pages of offers and complaints: what they print, what their XHR check, and that a lying answer stays a lie."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from simulator.world.model import CaseState
from tests.simulator.skins import small_world as small
from tests.simulator.skins.test_actions import png
from tests.simulator.skins.visitor import DETAIL, Visitor, visitor

COMPLAIN = "/trade-platform/refund-list/complain?disputeId="


def upload(guest: Visitor, number: str) -> str:
    files = {"file": ("proof.png", png(), "image/png")}
    answer: dict[str, Any] = guest.client.post(f"/h5api/dispute/uploadComplaint?disputeId={number}", files=files).json()
    sha: str = answer["data"]["sha256"]
    return sha


def offer(guest: Visitor, number: str, **changes: object) -> str:
    body = {**guest.claim(number), "plan": "KEEP", "offer": 3_000, "message": "", **changes}
    ret: str = guest.xhr("negotiate", **body)["ret"]
    return ret


def test_an_offer_stands_on_the_page_and_takes_the_buttons_away() -> None:
    guest = visitor()
    assert guest.pairs(small.RETURN_ASKED)["最高可协商金额"] == "¥103.20"
    assert offer(guest, small.RETURN_ASKED) == "SUCCESS"
    pairs = guest.pairs(small.RETURN_ASKED)
    assert (pairs["售后状态"], pairs["剩余协商次数"]) == ("待买家确认方案", "2 次")
    assert pairs["剩余时间"].endswith("，逾期未确认协商方案将自动失效")
    assert guest.buttons(small.RETURN_ASKED) == ["备注"]
    text = guest.client.get(DETAIL + small.RETURN_ASKED).text
    assert "部分退款，商品留用" in text
    assert "待买家确认<" in text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"version": 1}, "VERSION_CHANGED"),
        ({"amount": 12_899}, "AMOUNT_MISMATCH"),
        ({"offer": 10_321}, "BAD_REQUEST"),
        ({"offer": "30.00"}, "BAD_REQUEST"),
        ({"plan": "WORN"}, "BAD_REQUEST"),
        ({"disputeId": "1"}, "NOT_FOUND"),
    ],
)
def test_an_offer_that_is_not_as_read_changes_nothing(changes: dict[str, object], code: str) -> None:
    guest = visitor()
    assert offer(guest, small.RETURN_ASKED, **changes) == code
    assert not guest.world.store.effects.all


def test_an_answer_that_lies_made_no_offer() -> None:
    guest = visitor()
    guest.faults.kinds.add("lying_toast")
    assert offer(guest, small.RETURN_ASKED) == "SUCCESS"
    assert guest.world.store.cases[small.RETURN_ASKED].state is CaseState.WAIT_SELLER


def test_the_complaint_page_offers_the_five_scenes_once() -> None:
    guest = visitor()
    page = guest.client.get(COMPLAIN + small.RETURN_BACK).text
    combo = re.search(r'data-options="([^"]*)"', page)
    assert combo
    options = [words for _, words in json.loads(html.unescape(combo[1]))]
    assert options == ["虚假退货", "退货少件", "恶意不退货退款", "虚假凭证", "骗运费险"]
    sha = upload(guest, small.RETURN_BACK)
    body = {**guest.claim(small.RETURN_BACK), "scene": "short_return", "message": "实收少一件", "proofs": [sha]}
    assert guest.xhr("complain", **body)["ret"] == "SUCCESS"
    pairs = guest.pairs(small.RETURN_BACK)
    assert (pairs["投诉状态"], pairs["投诉场景"], pairs["体验分"]) == ("处理中", "退货少件", "计入体验分")
    assert "异常退款投诉" not in guest.buttons(small.RETURN_BACK)
    again = guest.client.get(COMPLAIN + small.RETURN_BACK).text
    assert "当前售后不支持投诉" in again
    assert not re.search(r"<button[^>]*>提交投诉", again)


def test_an_upheld_complaint_does_not_count_for_the_score() -> None:
    guest = visitor()
    sha = upload(guest, small.RETURN_BACK)
    body = {**guest.claim(small.RETURN_BACK), "scene": "false_return", "message": "退回空包裹", "proofs": [sha]}
    guest.xhr("complain", **body)
    guest.world.store.cases[small.RETURN_BACK].deadline_at = None
    guest.world.store.clock.advance(80 * 3600)
    pairs = guest.pairs(small.RETURN_BACK)
    assert (pairs["投诉状态"], pairs["体验分"]) == ("投诉成立", "不计入体验分")


def test_pictures_of_a_complaint_are_no_proofs_of_a_refusal() -> None:
    guest = visitor()
    sha = upload(guest, small.SIGNED)
    body = {**guest.claim(small.SIGNED), "reasonId": "SIGNED", "message": "已签收", "proofs": [sha], "force": False}
    assert guest.xhr("refuse", **body)["ret"] == "BAD_REQUEST"
