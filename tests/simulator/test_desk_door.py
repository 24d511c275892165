"""Claims about the JSON door of the courier's desktop client: sign-in, refusals with their reason, one intercept a parcel, answers that are lost."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from simulator.app import Simulator
from simulator.scenarios.build import build
from simulator.world.model import Case, ParcelState
from tests.simulator.skins.visitor import client_of

REASON = "退款拦截"


class Counter:
    """Somebody at the courier's door, and the world behind it, which stands still until it is moved."""

    def __init__(self, scenario: str = "intercept", cases: int = 80) -> None:
        self.simulator = Simulator(build(scenario, 2, cases, lambda: 0.0))
        self.world = self.simulator.built.world
        self.client = client_of(self.simulator.courier)
        self.account = self.world.accounts.courier

    def sign_in(self) -> Counter:
        told = {"account": self.account.name, "password": self.account.password}
        answer = self.client.post("/desk/login", json=told).json()
        assert answer["account"] == self.account.name
        self.client.headers["Authorization"] = f"Bearer {answer['token']}"
        return self

    def case(self, archetype: str) -> Case:
        return next(one for one in self.world.store.cases.values() if one.truth.archetype == archetype)

    def number(self, archetype: str = "in_transit") -> str:
        return self.case(archetype).order.forward or ""

    def quote(self, number: str) -> httpx.Response:
        return self.client.post("/desk/quote", json={"waybill": number})

    def order(self, number: str, fee_fen: Any, reason: str = REASON) -> httpx.Response:
        return self.client.post("/desk/intercepts", json={"waybill": number, "fee_fen": fee_fen, "reason": reason})

    def effects(self) -> list[tuple[str, str, str, int, int]]:
        return [(e.actor, e.verb.value, e.aftersale_id, e.amount_fen, e.requests) for e in self.world.store.effects.all]


@pytest.fixture
def counter() -> Counter:
    return Counter().sign_in()


def test_nothing_is_told_or_done_without_signing_in() -> None:
    stranger = Counter()
    number = stranger.number()
    answers = (
        stranger.client.get(f"/desk/waybills/{number}"),
        stranger.quote(number),
        stranger.order(number, 800),
        stranger.client.get("/desk/intercepts"),
    )
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(401, "FAIL_SYS_SESSION_EXPIRED")}
    assert stranger.effects() == []


def test_a_shops_session_does_not_open_the_couriers_door() -> None:
    shop = Counter()
    account = shop.world.accounts.all[0]
    token = shop.world.sign_in(account.name, account.password).token
    answer = shop.client.get("/desk/intercepts", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


@pytest.mark.parametrize("told", [{"account": "wl1", "password": "x"}, {"account": "wl1"}, ["x"]])
def test_a_wrong_password_or_a_strange_body_is_refused_in_json(told: object) -> None:
    answer = Counter().client.post("/desk/login", json=told)
    assert (answer.status_code, answer.json()["code"]) in {(403, "WRONG_PASSWORD"), (400, "BAD_REQUEST")}


def test_a_parcel_is_told_in_the_portals_words(counter: Counter) -> None:
    case = counter.case("in_transit")
    parcel = counter.world.parcel(case.order.forward)
    told = counter.client.get(f"/desk/waybills/{parcel.waybill}").json()
    assert told["waybill"] == parcel.waybill
    assert told["state"] in {"已揽收", "运输中"}
    assert told["pickup_weight"].endswith("kg")
    assert (told["arrival_weight"], told["intercept"], told["obstacle"]) == ("—", "无", "")
    times = [node[0] for node in told["trail"]]
    assert times == sorted(times, reverse=True)
    assert len(times) == len(parcel.nodes)


def test_an_unknown_number_is_not_found(counter: Counter) -> None:
    for answer in (counter.client.get("/desk/waybills/NOSUCH"), counter.quote("NOSUCH"), counter.order("NOSUCH", 1)):
        assert (answer.status_code, answer.json()) == (404, {"code": "NOT_FOUND", "message": "查无此单"})


def test_a_quote_names_the_fee_and_changes_nothing(counter: Counter) -> None:
    parcel = counter.world.parcel(counter.number())
    assert counter.quote(parcel.waybill).json() == {"waybill": parcel.waybill, "fee_fen": parcel.fee_fen}
    assert (parcel.intercept, counter.effects()) == (None, [])


def test_an_order_is_an_effect_of_the_signed_in_account_on_the_parcels_case(counter: Counter) -> None:
    case = counter.case("in_transit")
    parcel = counter.world.parcel(case.order.forward)
    assert counter.order(parcel.waybill, parcel.fee_fen).json() == {"waybill": parcel.waybill, "state": "已登记"}
    who = f"seller:{counter.account.name}"
    assert counter.effects() == [(who, "intercept", case.aftersale_id, parcel.fee_fen, 1)]


def test_a_second_intercept_of_a_parcel_is_refused_and_counted(counter: Counter) -> None:
    parcel = counter.world.parcel(counter.number())
    counter.order(parcel.waybill, parcel.fee_fen)
    again = counter.order(parcel.waybill, parcel.fee_fen)
    assert (again.status_code, again.json()["code"]) == (409, "NOT_INTERCEPTABLE")
    assert again.json()["message"] == "该运单已发起过拦截，不可重复拦截"
    assert [requests for *_, requests in counter.effects()] == [2]


def test_what_the_shops_page_has_ordered_is_refused_here_too(counter: Counter) -> None:
    case = counter.case("in_transit")
    parcel, clerk = counter.world.parcel(case.order.forward), counter.world.accounts.all[0]
    actor = counter.world.sign_in(clerk.name, clerk.password).actor
    counter.world.intercept_commit(actor, case.aftersale_id, case.version, parcel.waybill, parcel.fee_fen)
    assert counter.order(parcel.waybill, parcel.fee_fen).status_code == 409
    assert len(counter.effects()) == 1


def test_a_parcel_that_cannot_be_intercepted_is_refused_with_the_reason_that_was_told(counter: Counter) -> None:
    seen = set()
    for case in counter.world.store.cases.values():
        parcel = counter.world.parcel(case.order.forward)
        if parcel is None or parcel.state is ParcelState.IN_TRANSIT:
            continue
        told = counter.client.get(f"/desk/waybills/{parcel.waybill}").json()["obstacle"]
        if told:
            answers = counter.quote(parcel.waybill), counter.order(parcel.waybill, parcel.fee_fen)
            assert {(one.status_code, one.json()["message"]) for one in answers} == {(409, told)}
            seen.add(told)
    assert len(seen) >= 3
    assert counter.effects() == []


def test_a_buyers_return_is_nobodys_here_to_intercept() -> None:
    returns = Counter("returns").sign_in()
    number = next(one.backward for one in returns.world.store.cases.values() if one.backward)
    assert returns.order(number, 800).json()["message"] == "非本网点客户所寄，不可拦截"
    assert returns.effects() == []


@pytest.mark.parametrize("fee", [1, "800", None, True, 8.0])
def test_another_fee_than_the_quoted_one_orders_nothing(counter: Counter, fee: object) -> None:
    assert counter.order(counter.number(), fee).status_code in {400, 409}
    assert counter.effects() == []


def test_a_strange_reason_orders_nothing(counter: Counter) -> None:
    parcel = counter.world.parcel(counter.number())
    assert counter.order(parcel.waybill, parcel.fee_fen, "我想要").status_code == 400
    assert counter.effects() == []


def test_an_order_whose_answer_is_lost_was_applied_and_stands_in_the_book(counter: Counter) -> None:
    parcel = counter.world.parcel(counter.number())
    counter.simulator.faults.add("apply_then_502", "/desk/intercepts")
    assert counter.order(parcel.waybill, parcel.fee_fen).status_code == 502
    assert len(counter.effects()) == 1
    assert counter.client.get("/desk/intercepts").json()["rows"][0]["waybill"] == parcel.waybill


def test_the_way_in_and_the_quote_are_never_taken_for_a_write(counter: Counter) -> None:
    counter.simulator.faults.add("http_5xx", "/desk/login")
    counter.simulator.faults.add("apply_then_502", "/desk/quote")
    assert counter.sign_in().quote(counter.number()).status_code == 200


def test_the_book_is_newest_first_ten_a_page_and_its_states_change_later() -> None:
    counter = Counter("mixed", 400).sign_in()
    for case in [one for one in counter.world.store.cases.values() if one.truth.archetype == "in_transit"][:12]:
        parcel = counter.world.parcel(case.order.forward)
        assert counter.order(parcel.waybill, parcel.fee_fen).status_code == 200
        counter.world.store.clock.advance(60)
    first = counter.client.get("/desk/intercepts?page=1").json()
    assert (len(first["rows"]), first["rows"][0]["waybill"]) == (10, parcel.waybill)
    assert first["total"] > 12
    last = counter.client.get("/desk/intercepts?page=99").json()
    assert last["page"] == first["pages"]
    times = [row["requested_at"] for row in first["rows"]]
    assert times == sorted(times, reverse=True)
    counter.world.store.clock.advance(40 * 3600)
    states = {row["state"] for row in counter.client.get("/desk/intercepts?page=1").json()["rows"]}
    assert states <= {"已退回", "拦截失败：快件已到派送环节，拦截失败"}
    assert "已退回" in states


@pytest.mark.parametrize("page", ["0", "x", "-1", "9" * 5000, "²"])
def test_a_strange_page_number_breaks_nothing(counter: Counter, page: str) -> None:
    assert counter.client.get("/desk/intercepts", params={"page": page}).status_code in {200, 400}


def test_numbers_that_differ_in_one_digit_are_named_as_similar(counter: Counter) -> None:
    parcel = counter.world.parcel(counter.number())
    twin = parcel.waybill[:-1] + str((int(parcel.waybill[-1]) + 5) % 10)
    existed = twin in counter.world.store.parcels
    counter.world.store.parcels[twin] = parcel
    assert not existed
    assert twin in counter.client.get(f"/desk/waybills/{parcel.waybill}").json()["similar"]
