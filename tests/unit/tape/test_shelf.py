"""Claims on the state machine that stands for the network: what a plain HAR gets wrong (peers.md M1 to M5)."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from bot.domain.base import SHANGHAI
from bot.ports.tape import Asked, Said
from bot.tape.entry import Entry, from_har, to_har
from bot.tape.rules import TapeRules
from bot.tape.shelf import Shelf

RULES = TapeRules(ignored=frozenset({"_", "t"}), cases=frozenset({"disputeId"}), secrets=frozenset({"password"}))
NOW = datetime(2026, 11, 28, 8, 0, tzinfo=SHANGHAI)
URL = "http://shop.example"
JSON = {"content-type": "application/json"}


def page(body: str, case: str = "7", query: str = "") -> Entry:
    asked = Asked("GET", f"{URL}/detail?disputeId={case}{query}", "get")
    return Entry(asked, Said(200, (), body.encode()), NOW)


def call(amount: int = 100, case: str = "7", method: str = "POST", **more: object) -> Asked:
    body = json.dumps({"disputeId": case, "amount": amount, **more}).encode()
    return Asked(method, f"{URL}/agree", "write", JSON, body)


def done(asked: Asked) -> Entry:
    return Entry(asked, Said(200, (), b'{"ret":"SUCCESS"}'), NOW)


def shelf(*entries: Entry) -> Shelf:
    return Shelf(entries, lambda _: RULES)


def served(shelf: Shelf, asked: Asked) -> str | None:
    entry = shelf.take(asked)
    return entry.said.body.decode() if entry and entry.said else None


def test_a_page_is_served_as_it_stood_before_and_after_our_click() -> None:
    pending, applied = page("pending"), page("applied")
    one = shelf(pending, done(call()), applied)
    assert [served(one, pending.asked) for _ in range(3)] == ["pending"] * 3
    assert one.take(call()) is not None
    assert [served(one, pending.asked) for _ in range(2)] == ["applied"] * 2


def test_a_page_moves_on_with_its_own_case_only() -> None:
    one = shelf(page("7 pending"), page("8 pending", "8"), done(call(case="8")), page("8 applied", "8"))
    one.take(call(case="8"))
    assert served(one, page("", "7").asked) == "7 pending"
    assert served(one, page("", "8").asked) == "8 applied"


def test_answers_of_one_time_come_in_their_order_and_the_last_stays() -> None:
    one = shelf(page("first"), page("second"))
    assert [served(one, page("").asked) for _ in range(3)] == ["first", "second", "second"]


def test_the_same_call_twice_is_served_once() -> None:
    one = shelf(done(call()))
    assert one.take(call()) is not None
    assert one.take(call()) is None


@pytest.mark.parametrize(
    "asked", [call(9999), call(9999, method="PUT"), call(case="8"), call(extra=1), call(method="DELETE")]
)
def test_a_call_with_another_body_or_method_is_not_served(asked: Asked) -> None:
    recorded = done(call(method=asked.method if asked.method != "DELETE" else "POST"))
    assert shelf(recorded).take(asked) is None


def sent(text: str, media: str = "application/json") -> Asked:
    return Asked("POST", f"{URL}/agree", "write", {"content-type": media}, text.encode())


OTHERWISE = [
    ('{"amount": 100}', sent('{"amount": "100"}')),
    ('{"amount": 1}', sent('{"amount": true}')),
    ('{"amount": null}', sent('{"amount": "null"}')),
    ('{"amount": 100}', sent('{"amount": 100, "force": {}}')),
    ('{"amount": 100}', sent('{"amount": 100, "force": []}')),
    ('{"to": {"amount": 100}}', sent('{"to.amount": 100}')),
    ('{"to": [1]}', sent('{"to[0]": 1}')),
    ('{"amount": 100}', sent('{"amount": 100}', "text/plain;charset=UTF-8")),
    ('{"amount": "100"}', sent("amount=100", "application/x-www-form-urlencoded")),
    ("{}", sent("")),
]


@pytest.mark.parametrize(("recorded", "asked"), OTHERWISE)
def test_a_call_of_other_types_or_another_form_is_not_served(recorded: str, asked: Asked) -> None:
    assert shelf(done(sent(recorded))).take(asked) is None


@pytest.mark.parametrize("media", ["application/json; charset=utf-8", "Application/JSON"])
def test_how_a_media_type_is_spelled_is_no_difference(media: str) -> None:
    assert shelf(done(sent('{"amount": 100}'))).take(sent('{"amount": 100}', media)) is not None


def test_a_body_nested_without_end_is_told_apart_by_its_bytes() -> None:
    deep = "[" * 100_000
    assert shelf(done(sent(deep))).take(sent(deep)) is not None
    assert shelf(done(sent(deep))).take(sent(f"{deep} ")) is None


def test_a_call_that_was_not_sent_is_told() -> None:
    one = shelf(done(call()), done(call(case="8")))
    one.take(call())
    assert [dict(key.body)["disputeId"] for key in one.left()] == ['"8"']


def test_nonces_and_cache_busters_are_no_difference_and_anything_else_is() -> None:
    one = shelf(page("page", query="&_=1"), done(call(t=1)))
    assert served(one, page("", query="&_=2&t=9").asked) == "page"
    assert one.take(call(t=77)) is not None
    assert served(one, page("", query="&x=2").asked) is None


def test_keys_in_another_order_are_the_same_body() -> None:
    one = shelf(done(call()))
    body = json.dumps({"amount": 100, "disputeId": "7"}).encode()
    assert one.take(Asked("POST", f"{URL}/agree", "write", JSON, body)) is not None


def test_a_list_in_another_order_is_another_body() -> None:
    one = shelf(done(call(proofs=["a", "b"])))
    assert one.take(call(proofs=["b", "a"])) is None


def test_a_secret_may_differ() -> None:
    def login(password: str) -> Asked:
        return Asked("POST", f"{URL}/login", "read", JSON, json.dumps({"password": password}).encode())

    assert served(shelf(done(login("one"))), login("two")) is not None


def test_a_read_that_broke_off_is_served_as_such_only_where_none_was_answered() -> None:
    broken = Entry(page("").asked, None, NOW)
    assert served(shelf(broken, page("page")), broken.asked) == "page"
    entry = shelf(broken).take(broken.asked)
    assert entry is not None
    assert entry.said is None


def test_a_call_whose_answer_was_lost_loses_it_again() -> None:
    entry = shelf(Entry(call(), None, NOW)).take(call())
    assert entry is not None
    assert entry.said is None


def test_what_the_guard_refused_then_is_on_no_shelf() -> None:
    assert shelf(Entry(call(), None, NOW, refused="no_permit")).take(call()) is None


@pytest.mark.parametrize(
    "entry",
    [
        page("页面"),
        done(call()),
        Entry(call(), None, NOW, take=3),
        Entry(call(), None, NOW, refused="spent"),
        Entry(Asked("GET", f"{URL}/a.png", "get"), Said(200, (("content-type", "image/png"),), b"\x89PNG\xff"), NOW),
    ],
)
def test_an_entry_survives_the_har(entry: Entry) -> None:
    assert from_har(json.loads(json.dumps(to_har(entry))), "x") == entry
