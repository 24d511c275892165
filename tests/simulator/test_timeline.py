"""Claims about the day's script: what is planned happens at its moment of the world, is listed, and ends."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from simulator.app import Simulator
from simulator.scenarios.build import Built, build
from simulator.scenarios.playing import cases_of
from simulator.timeline import Timeline
from simulator.world.model import FINISHED
from tests.simulator.skins.visitor import AppTransport

PROBE = "/__probe__"


@pytest.fixture
def built() -> Built:
    return build("mixed", 3, 60, lambda: 0.0, shops=2)


class Client:
    """A visitor of one shop, and the probe beside it, without a server."""

    def __init__(self, built: Built) -> None:
        self.simulator = Simulator(built)
        self.account = built.world.accounts.all[0]
        self.shop = httpx.Client(transport=AppTransport(self.simulator.shop), base_url="http://127.0.0.1")
        self.courier = httpx.Client(transport=AppTransport(self.simulator.courier), base_url="http://127.0.0.1")

    def sign_in(self) -> dict[str, Any]:
        told = {"account": self.account.name, "password": self.account.password}
        answer: dict[str, Any] = self.shop.post("/login/submit", json=told).json()
        return answer

    def get(self, name: str) -> Any:
        return self.shop.get(f"{PROBE}/{name}").raise_for_status().json()

    def post(self, name: str, body: object) -> Any:
        answer = self.shop.post(f"{PROBE}/{name}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def passes(self, minutes: float) -> None:
        self.post("clock", {"advance_s": minutes * 60})

    def states(self) -> list[str]:
        return [event["state"] for event in self.get("timeline")["events"]]


@pytest.fixture
def client(built: Built) -> Client:
    return Client(built)


def test_an_outage_takes_the_shop_away_for_its_minutes_and_nothing_else(client: Client) -> None:
    client.post("timeline", {"kind": "outage", "in_s": 600, "minutes": 20})
    assert client.shop.get("/login").status_code == 200
    client.passes(11)
    assert (client.shop.get("/login").status_code, client.courier.get("/login").status_code) == (503, 200)
    assert client.states() == ["running"]
    client.passes(20)
    assert client.shop.get("/login").status_code == 200
    assert client.states() == ["over"]


def test_an_outage_of_both_takes_the_courier_too_and_answers_with_the_worlds_date(client: Client) -> None:
    client.post("timeline", {"kind": "outage", "minutes": 5, "where": "both"})
    down = client.shop.get("/home")
    assert (down.status_code, client.courier.get("/track").status_code) == (503, 503)
    assert parsedate_to_datetime(down.headers["date"]).year == 2026


def test_a_challenge_meets_the_next_sign_in_of_that_shop_alone(client: Client, built: Built) -> None:
    other = built.world.accounts.all[1]
    assert client.sign_in()["data"]["next"] == "/home"
    client.post("timeline", {"kind": "challenge", "in_s": 60, "which": "slider", "shop": client.account.shop_id})
    client.passes(2)
    assert client.shop.get("/home").headers["location"].startswith("/login?")
    assert client.sign_in()["data"]["next"] == "/login/verify"
    assert built.world.sign_in(other.name, other.password).challenge is None
    assert client.shop.post("/login/slider", json={"track": [1, 50, 100]}).json()["ret"] == "SUCCESS"
    assert client.sign_in()["data"]["next"] == "/home"


def test_sessions_end_for_all_or_for_one_shop(client: Client) -> None:
    client.sign_in()
    client.post("timeline", {"kind": "session_loss", "shop": client.simulator.built.world.accounts.all[1].shop_id})
    assert client.shop.get("/home").status_code == 200
    client.post("timeline", {"kind": "session_loss"})
    assert client.shop.get("/home").status_code == 302


def test_a_colleague_on_shift_takes_what_is_for_a_person_and_goes_home(client: Client, built: Built) -> None:
    client.post("timeline", {"kind": "colleague", "minutes": 60, "every_s": 600})
    client.passes(70)
    cases = {case["aftersale_id"]: case for case in client.get("cases")}
    settled = [effect["aftersale_id"] for effect in client.get("effects") if effect["actor"] == "colleague"]
    assert client.get("timeline")["events"][0]["done"] == 6
    assert settled
    assert all(cases[one]["label"] == ["hold"] for one in settled)
    client.passes(60)
    assert client.get("timeline")["events"][0]["done"] == 6


def test_a_colleague_who_is_asked_settles_that_case(client: Client, built: Built) -> None:
    held = next(case for case in client.get("cases") if case["label"] == ["hold"])
    client.post("colleague", {"aftersale_id": held["aftersale_id"]})
    assert built.world.store.cases[held["aftersale_id"]].state not in {"wait_seller", "wait_seller_receive"}
    again = client.shop.post(f"{PROBE}/colleague", json={"aftersale_id": "26" * 8})
    assert (again.status_code, again.text.split(":")[0]) == (400, "aftersale_id")


def test_a_slow_courier_makes_wait_while_it_is_slow(built: Built) -> None:
    timeline = Timeline(built)
    timeline.add({"kind": "courier_slow", "minutes": 10, "seconds": 7})
    assert timeline.courier_delay_s() == 0
    built.world.store.clock.advance(1)
    assert timeline.courier_delay_s() == 7
    built.world.store.clock.advance(600)
    assert timeline.courier_delay_s() == 0


def test_the_script_lists_every_event_and_what_is_still_to_come() -> None:
    client = Client(build("promotion_day", 1, 80, lambda: 0.0))
    script = [
        {"kind": "note", "says": "the PC sleeps", "minutes": 120},
        {"kind": "outage", "at": "2026-06-18T12:00:00"},
    ]
    told = client.post("timeline", script)
    assert told["to_come"] > 40
    assert [(one["kind"], one["state"]) for one in told["events"]] == [("note", "running"), ("outage", "planned")]
    assert told["events"][0]["says"] == "the PC sleeps"
    assert told["events"][1]["at"] == "2026-06-18T12:00:00+08:00"


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ({"kind": "flood"}, "kind"),
        ({}, "kind"),
        ({"kind": "outage", "minutes": -1}, "minutes"),
        ({"kind": "outage", "minutes": True}, "minutes"),
        ({"kind": "outage", "where": "moon"}, "where"),
        ({"kind": "outage", "which": "sms"}, "which"),
        ({"kind": "challenge", "which": "captcha"}, "which"),
        ({"kind": "challenge", "shop": "tb0"}, "shop"),
        ({"kind": "outage", "at": "noon"}, "at"),
        ({"kind": "outage", "at": "2020-01-01T00:00:00"}, "at"),
        ({"kind": "courier_slow", "seconds": "long"}, "seconds"),
    ],
)
def test_an_event_that_cannot_be_is_refused_with_its_key(client: Client, told: dict[str, Any], key: str) -> None:
    answer = client.shop.post(f"{PROBE}/timeline", json=told)
    assert (answer.status_code, answer.text.split(":")[0]) == (400, key)
    assert client.get("timeline")["events"] == []


def test_the_probes_clock_sets_the_rate_and_refuses_what_is_none(client: Client) -> None:
    assert client.get("clock")["rate"] == 1
    assert client.post("clock", {"rate": 20})["rate"] == 20
    for wrong in (-1, "fast", True, None):
        assert client.shop.post(f"{PROBE}/clock", json={"rate": wrong}).status_code == 400
    assert client.get("clock")["rate"] == 20
    client.sign_in()
    assert '"rate": 20' in client.shop.get("/trade-platform/refund-list").text.replace("&#34;", '"')


def test_delays_and_loss_can_be_asked_for_one_shop(client: Client, built: Built) -> None:
    shop = client.account.shop_id
    rows = client.get(f"delays?cases=1&shop={shop}")
    assert {one["shop_id"] for one in rows} == {shop}
    assert client.get("delays")[shop]["cases"] == len(rows) == 30
    assert client.get(f"loss?shop={shop}")["actual"]["total"] == 0
    assert client.shop.get(f"{PROBE}/loss?shop=x").status_code == 400
    assert not {case.state for case in cases_of(built)} & FINISHED
