"""What a platform may write into its table, and how request bodies are read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.browser.guard import (
    Endpoint,
    Guard,
    GuardedRequest,
    GuardRules,
    Kind,
    Mode,
    Passed,
    Refusal,
    Stated,
    origin_of,
    whole_fen,
)
from bot.domain.action import Verb
from tests.unit.browser.conftest import AMOUNT, BODY, CASE, HandClock, Ledgerish, permit, read_body, rules_for

ORIGIN = "https://shop.example"


def posted(body: bytes | None, url: str = f"{ORIGIN}/agree") -> GuardedRequest:
    return GuardedRequest("POST", url, body=body)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Shop.Example:443/x", "https://shop.example"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080"),
        ("https://good.example@evil.example/", "https://evil.example"),
        ("http://[::1]:80/", "http://[::1]"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize("url", ["data:text/html,x", "/relative", "about:blank"])
def test_what_has_no_host_has_no_origin(url: str) -> None:
    with pytest.raises(ValueError, match="no host"):
        origin_of(url)


@pytest.mark.parametrize("value", [1.0, True, -1, "-1", "1.0", " 1", "1e3", "１２", "١٢", "", None, [1]])
def test_only_a_whole_number_of_fen_is_an_amount(value: object) -> None:
    with pytest.raises(ValueError, match="not a whole number"):
        whole_fen(value)


@pytest.mark.parametrize("value", [12_900, "12900"])
def test_fen_come_as_number_or_digits(value: object) -> None:
    assert whole_fen(value) == AMOUNT


@pytest.mark.parametrize(
    ("kind", "verbs", "reader"),
    [
        (Kind.WRITE, frozenset(), read_body),
        (Kind.WRITE, frozenset({Verb.AGREE_REFUND}), None),
        (Kind.READ, frozenset({Verb.AGREE_REFUND}), None),
    ],
)
def test_an_entry_that_could_not_be_guarded_is_not_taken(kind: Kind, verbs: frozenset[Verb], reader: None) -> None:
    with pytest.raises(ValueError, match="a write needs verbs"):
        Endpoint("POST", "/x", kind, verbs, reader)


@pytest.mark.parametrize("origin", ["https://shop.example/", "https://SHOP.example", "https://shop.example:443"])
def test_an_origin_must_be_written_as_one(origin: str) -> None:
    with pytest.raises(ValueError, match="not an origin"):
        GuardRules(frozenset({origin}))


def test_an_endpoint_is_listed_once() -> None:
    entry = Endpoint("POST", "/list", Kind.READ)
    with pytest.raises(ValueError, match="listed twice"):
        GuardRules(frozenset({ORIGIN}), (entry, entry))


@pytest.mark.parametrize("body", [None, b"", b"[]", b"1", b'{"a":1,"a":2}', b"\xff{}", b"{"])
def test_a_body_that_is_no_plain_object_is_unreadable(body: bytes | None) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the JSON library raises its own subclasses
        posted(body).json()


def test_a_field_that_comes_twice_is_unreadable() -> None:
    with pytest.raises(ValueError, match="twice"):
        posted(b"id=1&id=2").form()
    with pytest.raises(ValueError, match="twice"):
        _ = posted(b"", f"{ORIGIN}/agree?id=1&id=2").query


CASES = st.sampled_from([CASE.aftersale_id, "70002", "7000", "", "70001 "])
AMOUNTS = st.one_of(st.just(AMOUNT.fen), st.integers(0, 20_000), st.just(str(AMOUNT.fen)), st.floats(), st.none())


@given(
    case=CASES,
    amount=AMOUNTS,
    verb=st.sampled_from([Verb.AGREE_REFUND, Verb.REFUSE]),
    late_s=st.sampled_from([0.0, 4.99, 5.0, 60.0]),
    before=st.integers(0, 2),
)
def test_exactly_the_permitted_write_passes(case: str, amount: object, verb: Verb, late_s: float, before: int) -> None:
    """Whatever a page sends: it passes if and only if it is the first one and verb, id, amount and time all fit."""
    clock, ledger = HandClock(), Ledgerish()
    guard = Guard(rules_for(ORIGIN), clock, Mode.ACT)
    right = _json(BODY)
    with guard.admit(permit(clock, ledger, verb=verb)):
        for _ in range(before):
            guard.judge(posted(right))
        clock.at += late_s
        passed = guard.judge(posted(_json({"id": case, "amount": amount})))
    fits = case == CASE.aftersale_id and amount in {AMOUNT.fen, str(AMOUNT.fen)} and not isinstance(amount, float)
    expected = fits and verb is Verb.AGREE_REFUND and late_s < 5 and before == 0
    assert isinstance(passed, Passed if expected else Refusal)
    assert ledger.sent == (1 if verb is Verb.AGREE_REFUND and (before or expected) else 0)


@given(st.text(), st.binary())
def test_no_url_and_no_body_breaks_the_guard_open(text: str, body: bytes) -> None:
    guard = Guard(rules_for(ORIGIN), HandClock(), Mode.ACT)
    try:
        verdict = guard.judge(GuardedRequest("POST", f"{ORIGIN}/{text}", body=body))
    except ValueError:
        return  # the gate refuses what the guard cannot judge
    assert isinstance(verdict, Refusal) or verdict.endpoint in guard.rules.endpoints


def test_the_narrower_entry_wins() -> None:
    rules = GuardRules(
        frozenset({ORIGIN, "https://pay.example"}),
        (
            Endpoint("POST", "/go", Kind.READ),
            Endpoint(
                "POST", "/go", Kind.WRITE, frozenset({Verb.AGREE_REFUND}), lambda _: Stated("1"), "https://pay.example"
            ),
        ),
    )
    here, there = (rules.find(posted(b"", f"{origin}/go")) for origin in (ORIGIN, "https://pay.example"))
    assert here is not None
    assert there is not None
    assert (here.kind, there.kind) == (Kind.READ, Kind.WRITE)


def test_a_refusal_keeps_neither_query_nor_body() -> None:
    guard = Guard(rules_for(ORIGIN), HandClock(), Mode.ACT)
    verdict = guard.judge(posted(b'{"phone": "13800001111"}', f"{ORIGIN}/agree?token=secret"))
    assert "secret" not in repr(verdict)
    assert "138" not in repr(verdict)


def _json(body: object) -> bytes:
    return json.dumps(body).encode()
