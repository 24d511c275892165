"""Claims about the running process: ready line, probe, both origins, transport faults, a quiet end."""

from __future__ import annotations

import email.utils
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from simulator.__main__ import main

LIST, AGREE = "/h5api/dispute/list", "/h5api/dispute/agree"
DETAIL = "/trade-platform/refund-list/detail"


NO_TIMES = ('"1"', "-1", "true", "null", "1e12", "NaN", "Infinity", "1" + "0" * 400)


class Running:
    """A simulator process, its probe, and a browser-like client that is signed in."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "simulator", "--port", "0", *arguments]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert self.process.stdout is not None
        self.sheet = json.loads(self.process.stdout.readline())
        self.client = httpx.Client(base_url=self.sheet["url"], timeout=15, trust_env=False)

    def sign_in(self) -> httpx.Response:
        shop = self.sheet["shops"][0]
        return self.client.post("/login/submit", json={"account": shop["account"], "password": shop["password"]})

    def probe(self, name: str, body: dict[str, Any] | None = None) -> Any:
        url = f"{self.sheet['probe']}/{name}"
        answer = httpx.get(url, trust_env=False) if body is None else httpx.post(url, json=body, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def case(self, archetype: str, *, taken: int = 0) -> dict[str, Any]:
        touched = {effect["aftersale_id"] for effect in self.probe("effects")}
        found = [
            case
            for case in self.probe("cases")
            if case["truth"]["archetype"] == archetype
            and case["aftersale_id"] not in touched
            and case["state"] == "wait_seller"
            and case["amount_fen"] < 300_000
        ]
        return found[taken]

    def agree(self, case: dict[str, Any]) -> httpx.Response:
        body = {"disputeId": case["aftersale_id"], "amount": case["amount_fen"], "version": case["version"]}
        return self.client.post(AGREE, json=body)

    def person_passes(self) -> None:
        """Move the slider, or read the code from the shop's phone."""
        if self.client.post("/login/slider", json={"track": [3, 40, 70, 100]}).json()["ret"] == "SUCCESS":
            return
        self.client.post("/login/sms", json={"send": True})
        code = self.probe("phone")["sign_in"][0]["code"]
        assert self.client.post("/login/sms", json={"code": code}).json()["ret"] == "SUCCESS"

    def effects(self, case: dict[str, Any]) -> list[tuple[str, str, int]]:
        rows = [row for row in self.probe("effects") if row["aftersale_id"] == case["aftersale_id"]]
        return [(row["actor"].split(":")[0], row["verb"], row["requests"]) for row in rows]

    def end(self, how: int = signal.SIGTERM) -> int:
        self.client.close()
        self.process.send_signal(how)
        _, self.errors = self.process.communicate(timeout=15)
        return self.process.returncode


@pytest.fixture(scope="module")
def shop() -> Iterator[Running]:
    running = Running("--scenario", "mixed", "--seed", "4", "--cases", "200")
    assert running.sign_in().json()["ret"] == "SUCCESS"
    yield running
    running.end()
    assert running.errors == ""


@pytest.fixture(autouse=True)
def _calm(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "shop" in request.fixturenames:
        request.getfixturevalue("shop").probe("faults", {"rate": 0})


def test_the_ready_line_names_what_a_home_needs(shop: Running) -> None:
    assert set(shop.sheet) == {"url", "probe", "courier", "shops"}
    assert set(shop.sheet["shops"][0]) == {"platform", "shop_id", "name", "account", "password"}
    sandbox = shop.client.get("/sandbox.json").json()
    assert sandbox == {**shop.sheet, **{key: sandbox[key] for key in ("courier_account", "courier_password")}}


def test_the_probes_cases_have_the_agreed_fields(shop: Running) -> None:
    cases = shop.probe("cases")
    assert len(cases) == 200
    assert set(cases[0]) >= {
        *("platform", "shop_id", "aftersale_id", "order_id", "type", "amount_fen", "paid_fen"),
        *("state", "version", "deadline_at", "label", "truth"),
    }
    assert len(shop.probe("cases?all=1")) > 200


def test_the_courier_is_another_origin_with_its_own_sign_in(shop: Running) -> None:
    answer = httpx.get(f"{shop.sheet['courier']}/login", trust_env=False)
    assert answer.status_code == 200
    tracked = httpx.get(f"{shop.sheet['courier']}/track?nos=1", trust_env=False)
    assert tracked.status_code in {302, 303}


def test_pages_carry_the_worlds_date(shop: Running) -> None:
    printed = email.utils.parsedate_to_datetime(shop.client.get("/login").headers["date"])
    assert (printed.year, printed.month) == (2026, 11)
    assert "server" not in shop.client.get("/login").headers


def test_the_probe_is_not_counted_but_pages_are(shop: Running) -> None:
    before = shop.probe("requests")
    shop.client.get("/login")
    after = shop.probe("requests")
    assert after["GET /login"] == before.get("GET /login", 0) + 1
    assert not any("__probe__" in key for key in after)


@pytest.mark.parametrize("body", ["{}", "[]", *(f'{{"advance_s": {far}}}' for far in NO_TIMES)])
def test_the_clock_refuses_nonsense_and_goes_on(shop: Running, body: str) -> None:
    answer = httpx.post(f"{shop.sheet['probe']}/clock", content=body, trust_env=False)
    assert answer.status_code == 400
    assert answer.text
    assert shop.client.get("/login").status_code == 200


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"kind": "no_such"}, "kind"),
        ({}, "kind"),
        ({"rate": 2}, "rate"),
        ({"rate": "x"}, "rate"),
        ({"rate": 0.1, "seed": "abc"}, "seed"),
        ({"kind": "slow", "times": 0}, "times"),
        ({"kind": "slow", "at": ["x"]}, "at"),
        ({"kind": "slow", "seconds": "a"}, "seconds"),
        ({"kind": "slow", "seconds": -1}, "seconds"),
        ({"kind": "challenge", "which": "captcha"}, "which"),
    ],
)
def test_the_fault_switch_refuses_nonsense_and_names_the_key(shop: Running, body: Any, key: str) -> None:
    answer = httpx.post(f"{shop.sheet['probe']}/faults", json=body, trust_env=False)
    assert (answer.status_code, answer.text.split(":")[0]) == (400, key)
    assert shop.probe("faults")["plans"] == []
    assert shop.client.get("/home").status_code == 200


def test_a_write_over_http_is_one_effect(shop: Running) -> None:
    case = shop.case("unshipped_full")
    assert shop.agree(case).json()["ret"] == "SUCCESS"
    assert shop.agree(case).json()["ret"] == "STATE_CHANGED"
    assert shop.effects(case) == [("seller", "agree_refund", 2)]


def test_dropped_after_apply_applies_and_closes_the_connection(shop: Running) -> None:
    case = shop.case("unshipped_full")
    shop.probe("faults", {"kind": "dropped_after_apply", "at": case["aftersale_id"], "times": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        shop.agree(case)
    assert shop.effects(case) == [("seller", "agree_refund", 1)]
    assert shop.probe("faults")["fired"]["dropped_after_apply"] >= 1


def test_apply_then_502_applies_and_http_5xx_does_not(shop: Running) -> None:
    applied, untouched = shop.case("unshipped_full"), shop.case("unshipped_full", taken=1)
    shop.probe("faults", {"kind": "apply_then_502", "at": applied["aftersale_id"]})
    shop.probe("faults", {"kind": "http_5xx", "at": untouched["aftersale_id"]})
    assert (shop.agree(applied).status_code, shop.agree(untouched).status_code) == (502, 502)
    assert (shop.effects(applied), shop.effects(untouched)) == ([("seller", "agree_refund", 1)], [])


def test_rate_limits_say_how_long(shop: Running) -> None:
    shop.probe("faults", {"kind": "rate_limited", "at": LIST})
    answer = shop.client.post(LIST, json={"tab": "all", "page": 1})
    assert (answer.status_code, answer.json()["ret"], answer.headers["retry-after"]) == (429, "RATE_LIMITED", "2")


def test_a_closed_outage_hangs_up_and_the_probe_still_answers() -> None:
    running = Running("--cases", "10", "--shops", "3", "--rate", "600")
    try:
        assert len({shop["account"] for shop in running.sheet["shops"]}) == 3
        assert running.probe("clock")["rate"] == 600
        running.probe("timeline", {"kind": "outage", "minutes": 600, "how": "closed"})
        with pytest.raises(httpx.RemoteProtocolError):
            running.client.get("/login")
        running.probe("clock", {"advance_s": 36_000})
        assert running.client.get("/login").status_code == 200
    finally:
        running.end()


def test_slow_answers_wait(shop: Running) -> None:
    shop.probe("faults", {"kind": "slow", "at": "/home", "seconds": 0.7})
    began = time.monotonic()
    assert shop.client.get("/home").status_code == 200
    assert time.monotonic() - began >= 0.7


@pytest.mark.parametrize(
    ("kind", "verbs"),
    [("buyer_edits", {"edit"}), ("buyer_withdraws", {"withdraw"}), ("colleague_acts", {"agree_refund"})],
)
def test_somebody_acts_between_reading_and_writing(shop: Running, kind: str, verbs: set[str]) -> None:
    case = shop.case("unshipped_full")
    shop.probe("faults", {"kind": kind, "at": AGREE})
    assert shop.client.get(DETAIL, params={"disputeId": case["aftersale_id"]}).status_code == 200
    assert shop.effects(case) == []
    assert shop.agree(case).json()["ret"] in {"VERSION_CHANGED", "STATE_CHANGED"}
    assert {verb for _, verb, _ in shop.effects(case)} == verbs
    assert {actor for actor, _, _ in shop.effects(case)} <= {"buyer", "colleague"}


def test_a_change_after_the_detail_page_is_seen_by_the_next_reading_only(shop: Running) -> None:
    case = shop.case("unshipped_full")
    page = {"disputeId": case["aftersale_id"]}
    shop.probe("faults", {"kind": "buyer_edits", "at": case["aftersale_id"]})
    assert str(case["version"]) in shop.client.get(DETAIL, params=page).text
    assert str(case["version"]) not in shop.client.get(DETAIL, params=page).text


def test_a_lost_session_answers_as_the_contract_says(shop: Running) -> None:
    shop.probe("faults", {"kind": "session_loss", "at": LIST})
    assert shop.client.post(LIST, json={"tab": "all", "page": 1}).json()["ret"] == "FAIL_SYS_SESSION_EXPIRED"
    assert shop.client.get("/home").headers["location"].startswith("/login")
    assert shop.sign_in().json()["ret"] == "SUCCESS"


def test_a_challenge_stops_the_next_page_until_a_person_passes(shop: Running) -> None:
    shop.probe("faults", {"kind": "challenge", "at": "/home"})
    assert shop.client.get("/home").headers["location"].startswith("/login/verify")
    assert shop.sign_in().json()["data"]["next"] == "/login/verify", "signing in anew must not help"
    assert shop.client.get("/home").status_code == 302
    shop.person_passes()
    assert shop.client.get("/home").status_code == 200


@pytest.mark.parametrize("which", ["slider", "sms"])
def test_a_challenge_is_the_one_that_was_ordered(shop: Running, which: str) -> None:
    shop.probe("faults", {"kind": "challenge", "at": "/home", "which": which})
    assert shop.client.get("/home").headers["location"].startswith("/login/verify")
    slid = shop.client.post("/login/slider", json={"track": [3, 40, 70, 100]}).json()["ret"] == "SUCCESS"
    assert slid is (which == "slider")
    if not slid:
        shop.person_passes()
    assert shop.client.get("/home").status_code == 200


def test_a_broken_upload_stores_nothing(shop: Running) -> None:
    case = shop.case("signed_for")
    where = f"/h5api/dispute/uploadProof?disputeId={case['aftersale_id']}"
    files = {"file": ("a.png", b"\x89PNG\r\n\x1a\nxxxx", "image/png")}
    shop.probe("faults", {"kind": "upload_broken", "at": case["aftersale_id"]})
    with pytest.raises(httpx.RemoteProtocolError):
        shop.client.post(where, files=files)
    assert shop.client.post(where, files=files).json()["data"]["index"] == 1


def test_advancing_the_clock_lets_deadlines_fire(shop: Running) -> None:
    answer = shop.probe("clock", {"advance_s": 10 * 24 * 3600})
    assert answer["fired"] > 100
    assert {row["actor"] for row in shop.probe("effects")} >= {"platform"}
    assert shop.probe("loss")["actual"]["total"] > 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends other signals")
def test_a_signal_ends_it_quietly(how: int) -> None:
    running = Running("--cases", "10")
    assert running.end(how) == 0
    assert running.errors == ""


@pytest.mark.parametrize("arguments", [["--cases", "3"], ["--scenario", "nope"], ["--port", "99999"], ["--port", "x"]])
def test_wrong_arguments_are_refused_with_a_word(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert "error:" in said.err


def test_a_taken_port_is_refused_with_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as ended:
        main(["--port", str(taken.getsockname()[1])])
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err
