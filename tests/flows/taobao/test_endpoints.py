"""What the guard's table reads out of a request's own body, and what it does not accept as a statement."""

from __future__ import annotations

import json

import pytest

from bot.browser.rules import GuardedRequest, Kind, Stated
from bot.domain.action import Verb
from bot.domain.money import Money
from flows.taobao import endpoints
from flows.taobao.endpoints import guard_rules

URL = "https://shop.example"
RULES = guard_rules(URL)


def stated(path: str, body: object) -> Stated | None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = GuardedRequest("POST", f"{URL}{path}", {}, data)
    entry = RULES.find(request)
    assert entry is not None
    assert entry.stated is not None
    return entry.stated(request)


@pytest.mark.parametrize(
    ("path", "body", "amount"),
    [
        (endpoints.AGREE, {"disputeId": "1", "amount": 129900, "version": 3}, 129900),
        (endpoints.CONFIRM_RECEIPT, {"disputeId": "1", "amount": 1, "version": 3}, 1),
        (endpoints.AGREE_RETURN, {"disputeId": "1", "amount": 5, "addressId": "A"}, 5),
        (endpoints.REFUSE, {"disputeId": "1", "amount": 5, "proofs": [], "force": False}, 5),
        (endpoints.INTERCEPT, {"disputeId": "1", "waybill": "YT1", "fee": 800}, 800),
        (endpoints.REMARK, {"disputeId": "1", "text": "x", "amount": 9}, None),
        (endpoints.NEGOTIATE, {"disputeId": "1", "amount": 9000, "plan": "KEEP", "offer": 2500}, 2500),
        (endpoints.COMPLAIN, {"disputeId": "1", "amount": 9000, "scene": "false_return"}, 9000),
    ],
)
def test_a_write_states_case_and_amount(path: str, body: dict[str, object], amount: int | None) -> None:
    assert stated(path, body) == Stated("1", None if amount is None else Money(amount))


def test_a_refusal_says_whether_it_goes_on_without_proof() -> None:
    body = {"disputeId": "1", "amount": 5}
    assert stated(endpoints.REFUSE, body | {"force": True}) == Stated("1", Money(5), insists=True)
    assert stated(endpoints.REFUSE, body) == Stated("1", Money(5))


@pytest.mark.parametrize("force", ["true", 1, None, [True]])
def test_a_refusal_that_does_not_say_it_plainly_is_unreadable(force: object) -> None:
    with pytest.raises(TypeError):
        stated(endpoints.REFUSE, {"disputeId": "1", "amount": 5, "force": force})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"disputeId": "1"},
        {"amount": 1},
        {"disputeId": 1, "amount": 1},
        {"disputeId": "1", "amount": 1.0},
        {"disputeId": "1", "amount": "1.00"},
        {"disputeId": "1", "amount": -1},
        {"disputeId": "1", "amount": True},
        {"disputeId": ["1"], "amount": 1},
        [],
        b'{"disputeId": "1", "amount": 1, "amount": 999}',
        b"disputeId=1&amount=1",
        b"\xff",
    ],
    ids=repr,
)
def test_a_body_that_does_not_say_it_plainly_is_unreadable(body: object) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        stated(endpoints.AGREE, body)


@pytest.mark.parametrize("path", [endpoints.UPLOAD, endpoints.UPLOAD_COMPLAINT])
def test_an_upload_names_its_case_in_the_address(path: str) -> None:
    request = GuardedRequest("POST", f"{URL}{path}?disputeId=77", {}, None)
    entry = RULES.find(request)
    assert entry is not None
    assert entry.kind is Kind.UPLOAD
    assert entry.stated is not None
    assert entry.stated(request) == Stated("77")


def test_each_verb_has_its_own_endpoint_and_bulk_ones_are_not_listed() -> None:
    verbs = {entry.path: entry.verbs for entry in RULES.endpoints if entry.kind is Kind.WRITE}
    assert verbs[endpoints.AGREE] == {Verb.AGREE_REFUND}
    assert verbs[endpoints.REFUSE] == {Verb.REFUSE}
    assert all(len(one) == 1 for one in verbs.values())
    bulk = GuardedRequest("POST", f"{URL}/h5api/dispute/batchAgree", {}, b"{}")
    assert RULES.find(bulk) is None


def test_only_the_shops_own_origin_may_be_asked() -> None:
    assert RULES.origins == {"https://shop.example"}
