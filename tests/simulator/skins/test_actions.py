"""The XHR that change a case: checked for right, state, version and amount, and true to what they answer."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from PIL import Image

from simulator.world.model import CaseState, Verb
from tests.simulator.skins import small_world as small
from tests.simulator.skins.visitor import DETAIL, REFUSE, Visitor, visitor

NO_RIGHT = "无权限，请去申请权限"


def png(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), colour).save(out, "PNG")
    return out.getvalue()


def upload(guest: Visitor, number: str, content: bytes) -> dict[str, Any]:
    files = {"file": ("proof.png", content, "image/png")}
    answer: dict[str, Any] = guest.client.post(f"/h5api/dispute/uploadProof?disputeId={number}", files=files).json()
    return answer


def state(guest: Visitor, number: str) -> CaseState:
    return guest.world.store.cases[number].state


def test_agree_refunds_once_and_the_page_shows_it() -> None:
    guest = visitor()
    claim = guest.claim(small.UNSHIPPED)
    assert guest.xhr("agree", **claim)["ret"] == "SUCCESS"
    assert guest.pairs(small.UNSHIPPED)["售后状态"] == "退款成功"
    assert guest.buttons(small.UNSHIPPED) == ["备注"]
    assert guest.xhr("agree", **claim)["ret"] == "STATE_CHANGED"
    assert [effect.verb for effect in guest.world.store.effects.all] == [Verb.AGREE_REFUND]


@pytest.mark.parametrize(
    ("change", "code"),
    [({"version": 1}, "VERSION_CHANGED"), ({"amount": 12_899}, "AMOUNT_MISMATCH"), ({"disputeId": "1"}, "NOT_FOUND")],
)
def test_agree_refuses_what_is_not_as_read(change: dict[str, object], code: str) -> None:
    guest = visitor()
    assert guest.xhr("agree", **{**guest.claim(small.UNSHIPPED), **change})["ret"] == code
    assert not guest.world.store.effects.all


def test_large_sums_need_the_code_that_only_a_person_reads() -> None:
    guest = visitor()
    claim = guest.claim(small.LARGE)
    assert guest.xhr("agree", **claim)["ret"] == "NEED_SMS"
    code = guest.world.store.sms_codes[small.LARGE]
    assert code not in guest.client.get(DETAIL + small.LARGE).text
    assert guest.xhr("agree", **claim, smsCode=code)["ret"] == "SUCCESS"


def test_agree_return_and_confirm_receipt() -> None:
    guest = visitor()
    asked = guest.xhr("agreeReturn", **guest.claim(small.RETURN_ASKED), addressId="A2", message="请寄回")
    assert (asked["ret"], state(guest, small.RETURN_ASKED)) == ("SUCCESS", CaseState.WAIT_BUYER_RETURN)
    assert guest.xhr("confirmReceipt", **guest.claim(small.RETURN_BACK))["ret"] == "SUCCESS"
    assert state(guest, small.RETURN_BACK) is CaseState.SUCCESS


def test_agree_service_and_remark() -> None:
    guest = visitor()
    assert guest.xhr("agreeService", **guest.claim(small.EXCHANGE))["ret"] == "SUCCESS"
    assert guest.xhr("remark", disputeId=small.FINISHED, text="已电话沟通<b>", flag="blue")["ret"] == "SUCCESS"
    text = guest.client.get(DETAIL + small.FINISHED).text
    assert "已电话沟通&lt;b&gt;" in text
    assert "蓝色" in text


def test_intercept_is_quoted_then_committed() -> None:
    guest = visitor()
    version = guest.claim(small.IN_TRANSIT)["version"]
    quote = guest.xhr("interceptQuote", disputeId=small.IN_TRANSIT, version=version)["data"]
    assert quote == {
        "waybill": "YT1000002", "feasible": True, "fee": 800, "feeText": "¥8.00", "reason": "", "otherGoods": [],
    }  # fmt: skip
    body = {"disputeId": small.IN_TRANSIT, "version": version, "waybill": quote["waybill"], "fee": quote["fee"]}
    assert guest.xhr("intercept", **{**body, "fee": 1})["ret"] != "SUCCESS"
    assert guest.xhr("intercept", **body)["ret"] == "SUCCESS"
    assert "商家发起快递拦截" in guest.client.get(DETAIL + small.IN_TRANSIT).text


def test_refusal_asks_twice_without_proof_and_goes_through_with_it() -> None:
    guest = visitor()
    body = {
        **guest.claim(small.SIGNED),
        "reasonId": "SIGNED",
        "message": "物流显示本人签收",
        "proofs": [],
        "force": False,
    }
    assert guest.xhr("refuse", **body)["ret"] == "NEED_PROOF"
    content = png()
    sent = upload(guest, small.SIGNED, content)
    assert sent["data"] == {"sha256": hashlib.sha256(content).hexdigest(), "index": 1}
    assert guest.client.get(f"/img/{sent['data']['sha256']}.png").content == content
    assert sent["data"]["sha256"] in guest.client.get(REFUSE + small.SIGNED).text
    assert guest.xhr("refuse", **{**body, "proofs": [sent["data"]["sha256"]]})["ret"] == "SUCCESS"
    assert guest.world.store.effects.all[-1].evidence == (sent["data"]["sha256"],)


def test_refusal_without_proof_can_be_forced() -> None:
    guest = visitor()
    body = {
        **guest.claim(small.SIGNED),
        "reasonId": "SIGNED",
        "message": "物流显示本人签收",
        "proofs": [],
        "force": True,
    }
    assert guest.xhr("refuse", **body)["ret"] == "SUCCESS"
    assert state(guest, small.SIGNED) is CaseState.SELLER_REFUSED


def test_refusal_is_barred_for_unshipped_orders_at_the_server_too() -> None:
    guest = visitor()
    body = {**guest.claim(small.UNSHIPPED), "reasonId": "OTHER", "message": "不同意", "proofs": [], "force": True}
    assert guest.xhr("refuse", **body)["ret"] == "REFUSE_BARRED"


def test_upload_takes_pictures_of_limited_size_and_number() -> None:
    guest = visitor()
    assert upload(guest, small.SIGNED, b"<html>")["msg"] == "仅支持JPG、PNG、GIF格式的图片"
    assert upload(guest, small.SIGNED, png() + bytes(130_000))["msg"] == "图片大小不能超过130000字节"
    assert [upload(guest, small.SIGNED, png(c))["ret"] for c in ("red", "blue", "green")] == ["SUCCESS"] * 3
    assert upload(guest, small.SIGNED, png("white"))["msg"] == "最多上传3张凭证"
    nothing = guest.client.post(f"/h5api/dispute/uploadProof?disputeId={small.SIGNED}").json()
    assert nothing["ret"] == "BAD_REQUEST"


def test_sub_account_without_rights_is_told_so_and_changes_nothing() -> None:
    guest = visitor(small.make_world(rights=frozenset({Verb.REMARK})))
    claims = {
        "agree": guest.claim(small.UNSHIPPED),
        "agreeReturn": {**guest.claim(small.RETURN_ASKED), "addressId": "A1"},
        "confirmReceipt": guest.claim(small.RETURN_BACK),
        "agreeService": guest.claim(small.EXCHANGE),
        "refuse": {**guest.claim(small.SIGNED), "reasonId": "OTHER", "message": "不同意"},
        "batchAgree": {"items": [guest.claim(small.UNSHIPPED)]},
    }
    answers = {name: guest.xhr(name, **body) for name, body in claims.items()}
    assert {name: (a["ret"], a["msg"]) for name, a in answers.items()} == dict.fromkeys(
        claims, ("NO_PERMISSION", NO_RIGHT)
    )
    assert not guest.world.store.effects.all


def test_the_bulk_button_has_teeth() -> None:
    guest = visitor()
    page = guest.client.get(f"/trade-platform/refund-list/batch?disputeId={small.UNSHIPPED}").text
    assert small.UNSHIPPED in page
    items = [guest.claim(small.UNSHIPPED), guest.claim(small.DIFFERENCE)]
    assert guest.xhr("batchAgree", items=items)["ret"] == "SUCCESS"
    assert len(guest.world.store.effects.all) == 2


def test_lying_toast_says_success_and_does_nothing() -> None:
    guest = visitor()
    guest.faults.kinds.add("lying_toast")
    assert guest.xhr("agree", **guest.claim(small.UNSHIPPED))["ret"] == "SUCCESS"
    assert guest.xhr("remark", disputeId=small.UNSHIPPED, text="x")["ret"] == "SUCCESS"
    assert state(guest, small.UNSHIPPED) is CaseState.WAIT_SELLER
    assert not guest.world.store.effects.all


def test_stale_detail_shows_another_case_at_this_address() -> None:
    guest = visitor()
    guest.faults.kinds.add("stale_detail")
    assert guest.pairs(small.LARGE)["售后编号"] != small.LARGE


def test_renamed_label_rewords_something_on_the_page() -> None:
    guest = visitor()
    before = guest.client.get(DETAIL + small.UNSHIPPED).text
    guest.faults.kinds.add("renamed_label")
    assert guest.client.get(DETAIL + small.UNSHIPPED).text != before


def test_changed_dialog_renames_its_button_and_asks_for_one_thing_more() -> None:
    guest = visitor()
    guest.faults.kinds.add("changed_dialog")
    page = guest.client.get(DETAIL + small.UNSHIPPED).text
    assert 'data-do="agree">确认同意退款</button>' in page
    assert page.count('type="checkbox"') == 1


def test_half_page_ends_in_the_middle() -> None:
    guest = visitor()
    whole = guest.client.get(DETAIL + small.UNSHIPPED).content
    guest.faults.kinds.add("half_page")
    half = guest.client.get(DETAIL + small.UNSHIPPED).content
    assert len(half) < len(whole)
    assert whole.startswith(half[:500])
    assert b"</html>" not in half
