"""Claims on the second person's page: they see what they sign, what it costs and what moved since, and learn that somebody waits."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bot.domain.action import RefusalReason, Verb
from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.ports.office_views import Role, UnderWay
from tests.unit.console.client import desk
from tests.unit.console.fakes import FakeOffice
from tests.unit.engine.builders import NOW
from tests.unit.report.runs import key


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"verb": Verb.NEGOTIATE, "amount": Money(12_345), "message": "可以吗"}, ("¥123.45", "可以吗")),
        ({"verb": Verb.INTERCEPT, "max_fee": Money(3_210)}, ("for at most ¥32.10",)),
        ({"verb": Verb.REFUSE, "refusal": RefusalReason.SIGNED_FOR}, ("signed for", "picture of the courier")),
    ],
)
async def test_a_second_person_sees_the_sum_they_sign(told: dict[str, Any], shown: tuple[str, ...]) -> None:
    seen = FakeOffice().case(key(1))
    assert seen is not None
    assert seen.line.snapshot is not None
    async with desk(FakeOffice(asked_verdict={**told, "fingerprint": seen.line.snapshot.fingerprint})) as made:
        page = (await (await made.enter()).get("/signoffs")).text
        assert "¥129.00" in page, "the claim"
        assert all(word in page for word in shown)
        assert "agreeing does nothing" not in page.partition("Change of policy")[0]
        made.office.refused = Reason(code="hand.unknown_first")
        page = (await made.get("/signoffs")).text
        assert all(word in page for word in shown if "picture" not in word), (
            "what was asked for, where it cannot be done"
        )
        assert "This cannot be done" in page


async def test_a_second_person_is_not_told_that_what_they_sign_cannot_be_done_for_it_waits_for_them() -> None:
    seen = FakeOffice().case(key(1))
    assert seen is not None
    assert seen.line.snapshot is not None
    same = {"fingerprint": seen.line.snapshot.fingerprint}
    for signoff, barred in (("so-verdict", False), ("so-another", True)):
        way = UnderWay(waits_for="second", verb=Verb.REFUSE, by="operator", since=NOW, signoff=signoff)
        async with desk(FakeOffice(under_way=way, asked_verdict=same)) as made:
            page = (await (await made.enter()).get("/signoffs")).text
            assert ("This cannot be done" in page) is barred


async def test_a_second_person_is_told_where_the_case_is_another_by_now() -> None:
    async with desk() as made:
        page = (await (await made.enter()).get("/signoffs")).text
        assert "The case is not any more what was asked about: agreeing does nothing." in page


async def test_a_second_person_sees_what_a_policy_changes_and_what_it_would_have_cost() -> None:
    base = FakeOffice().policy()
    text = f"{base.text}cap = 2\n"
    async with desk(FakeOffice(asked_policy=json.dumps({"text": text, "base": base.hash, "moved": 4_500}))) as made:
        page = (await (await made.enter()).get("/signoffs")).text
        assert '<span class="new-line">+cap = 2</span>' in page
        assert "it would have paid out ¥45.00 more" in page
        assert "policy.toml is not any more" not in page
        made.office.asked_policy = json.dumps({"text": "cap = 2\n", "base": "c" * 64, "moved": None})
        page = (await made.get("/signoffs")).text
        assert '<span class="gone-line">-cap = 1</span>' in page, "from the text that it was written over"
        assert "There is no past to rehearse it on yet." in page
        assert "policy.toml is not any more what was asked about: agreeing does nothing." in page


@pytest.mark.parametrize(("asked_by", "own"), [("operator", True), ("approver", False)])
async def test_whoever_asked_can_withdraw_and_nobody_else_is_offered_it(asked_by: str, *, own: bool) -> None:
    async with desk(FakeOffice(asked_by=asked_by)) as made:
        page = (await (await made.enter(Role.OPERATOR)).get("/signoffs")).text
        assert ("Withdraw" in page) is own
        await made.post("/signoffs/withdraw", {"id": "so-verdict"})
        assert made.office.acts == [("withdraw", "so-verdict", "operator")]


@pytest.mark.parametrize(
    ("role", "asked_by", "number"),
    [(Role.APPROVER, "operator", 2), (Role.APPROVER, "approver", 0), (Role.OPERATOR, "viewer", 0)],
)
async def test_whoever_may_agree_sees_on_every_page_how_many_wait_for_them(
    monkeypatch: pytest.MonkeyPatch, role: Role, asked_by: str, number: int
) -> None:
    office = FakeOffice()
    whole = office.day()
    monkeypatch.setattr(office, "day", lambda: whole.model_copy(update={"asked": (asked_by, asked_by)}))
    async with desk(office) as made:
        await made.enter(role)
        for path in ("/", "/budgets"):
            page = (await made.get(path)).text
            badge = re.search(r'<a href="/signoffs" *>Second person(?: <b class="count">(\d)</b>)?</a>', page)
            assert badge
            assert badge[1] == (str(number) if number else None)
        line = re.search(r'<a href="/signoffs"><b>(\d)</b> for you to agree to</a>', (await made.get("/")).text)
        assert (line and int(line[1])) == (number or None)
