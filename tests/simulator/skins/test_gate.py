"""Who gets in, who is sent away, and what only a person passes."""

from __future__ import annotations

import pytest

from simulator.scenarios.build import build
from simulator.world.model import Challenge
from tests.simulator.skins.small_world import UNSHIPPED, make_world
from tests.simulator.skins.visitor import DETAIL, stranger, visitor

PAGES = ("/home", "/trade-platform/refund-list", "/trade-platform/refund-list/frame", DETAIL + UNSHIPPED)


@pytest.mark.parametrize("page", PAGES)
def test_signed_out_pages_redirect_to_sign_in_with_the_way_back(page: str) -> None:
    answer = stranger().client.get(page)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/login?redirect=%2F")


@pytest.mark.parametrize("name", ["list", "stat", "agree", "refuse", "intercept", "remark", "uploadProof"])
def test_signed_out_xhr_answers_in_the_envelope(name: str) -> None:
    assert stranger().xhr(name)["ret"] == "FAIL_SYS_SESSION_EXPIRED"


def test_session_cookie_is_out_of_reach_of_scripts() -> None:
    answer = stranger().client.post("/login/submit", json={"account": "shanye:ops", "password": "secret-1"})
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert answer.json()["data"]["next"] == "/home"


def test_wrong_password_opens_nothing() -> None:
    answer = stranger().client.post("/login/submit", json={"account": "shanye:ops", "password": "x"})
    assert answer.json()["ret"] == "WRONG_PASSWORD"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/login"])
def test_sign_in_never_leads_to_a_foreign_address(target: str) -> None:
    page = stranger().client.get("/login", params={"redirect": target})
    assert '"next": "/home"' in page.text


def test_challenge_keeps_pages_and_xhr_shut_until_the_slider_is_at_the_end() -> None:
    guest = visitor(make_world(challenge=Challenge.SLIDER))
    assert guest.client.get("/home").headers["location"] == "/login/verify?redirect=%2Fhome"
    assert guest.xhr("list")["ret"] == "FAIL_SYS_USER_VALIDATE"
    assert "请按住滑块，拖动到最右边" in guest.client.get("/login/verify").text
    for track in ([], [100], [0, 100], [0, 50, 90], [0, 90, 50, 100], "x"):
        assert guest.client.post("/login/slider", json={"track": track}).json()["ret"] == "BAD_REQUEST"
    assert guest.client.post("/login/slider", json={"track": [0, 31, 77, 100]}).json()["ret"] == "SUCCESS"
    assert guest.client.get("/home").status_code == 200


def test_sms_code_is_on_no_page_and_opens_the_door() -> None:
    guest = visitor(make_world(challenge=Challenge.SMS))
    assert guest.client.post("/login/sms", json={"code": "000000"}).json()["ret"] == "BAD_REQUEST"
    guest.client.post("/login/sms", json={"send": True})
    code = guest.world.accounts.phone()[0]["code"]
    assert code not in guest.client.get("/login/verify").text
    assert guest.client.post("/login/sms", json={"code": code}).json()["ret"] == "SUCCESS"
    assert guest.client.get("/home").status_code == 200


def test_sign_out_ends_the_session() -> None:
    guest = visitor()
    guest.client.get("/logout")
    assert guest.client.get("/home").status_code == 302


def test_body_that_no_page_would_send_is_refused_not_crashed_on() -> None:
    guest = visitor()
    for body in (b"[]", b"{", b"null", b'"x"'):
        answer = guest.client.post("/h5api/dispute/agree", content=body, headers={"content-type": "application/json"})
        assert answer.json()["ret"] == "BAD_REQUEST"
    for amount in ("12900", 129.0, True, None):
        assert guest.xhr("agree", disputeId=UNSHIPPED, amount=amount, version=1001)["ret"] == "BAD_REQUEST"


def test_an_account_of_two_shops_switches_all_its_tabs_and_reaches_no_third_shop() -> None:
    world = build("two-shops", 1, 20).world
    account, other = world.accounts.all
    guest = stranger(world)
    guest.client.post("/login/submit", json={"account": account.name, "password": account.password})
    names = [world.store.shops[shop_id].name for shop_id in (account.shop_id, other.shop_id)]
    assert f"店铺：{names[0]}" in guest.client.get("/home").text
    assert guest.client.get("/switch-shop?shopId=nobody").status_code == 403
    assert guest.client.get(f"/switch-shop?shopId={other.shop_id}").status_code == 302
    assert f"店铺：{names[1]}" in guest.client.get("/home").text
    rows = guest.xhr("list")["data"]["rows"]
    assert {world.store.cases[row["disputeId"]].shop_id for row in rows} == {other.shop_id}
