"""Claims on asking for a sweep at the console: in the terminal's grammar, looked at first, confirmed once and by who looked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.money import Money
from bot.ports.office_views import Role
from bot.ports.wanted import Pick, Wanted
from tests.unit.console.client import Desk, desk
from tests.unit.console.fakes import LOOK, SHOP, FakeOffice
from tests.unit.engine.builders import NOW


@pytest.mark.parametrize(
    "form",
    [
        {
            "shop": "taobao/s1",
            "scene.keep_goods": "1",
            "at_least": "10",
            "at_most": "20.5",
            "deadline_before": "2h",
            "ids": "# mine\n300000000001\ntaobao/s1/2",
        },
        {},
    ],
)
async def test_a_sweep_is_asked_for_in_the_terminals_own_grammar(console: Desk, form: dict[str, str]) -> None:
    answer = await console.post("/sweep/look", form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sweep/{LOOK}")
    if not form:
        assert console.office.wanted == Wanted()
        return
    assert console.office.wanted == Wanted(
        shop=SHOP,
        pick=Pick(
            ids=frozenset({"300000000001", "taobao/s1/2"}), at_least=Money(1_000), at_most=Money(2_050),
            deadline_before=NOW + timedelta(hours=2), scenes=frozenset({"keep_goods"}),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "told"), [("at_least", "cheap"), ("deadline_before", "soon"), ("ids", "1 or 2"), ("shop", "taobao/none")]
)
async def test_what_means_nothing_is_said_beside_the_form_and_nothing_is_looked_at(
    console: Desk, field: str, told: str
) -> None:
    answer = await console.post("/sweep/look", {field: told})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    if field != "shop":
        assert told in answer.text
    assert console.office.acts == []


async def test_what_a_sweep_would_do_is_shown_with_its_sums_before_anything_is_pressed(console: Desk) -> None:
    text = (await console.get(f"/sweep/{LOOK}")).text
    for told in ("¥200.00", "¥90.00", "¥5.00", "Do it now: 2 cases", 'value="once-word"'):
        assert told in text
    assert (await console.post(f"/sweep/{LOOK}", {"once": "once-word"})).headers["location"] == "/shops"
    assert console.office.acts == [("confirm", LOOK, "once-word", "approver")]


@pytest.mark.parametrize(
    ("state", "told"), [("asked", "The robot looks"), ("failed", "kill switch"), ("confirmed", "Handed to the robot")]
)
async def test_a_look_that_is_no_answer_yet_or_any_more_has_no_button(console: Desk, state: str, told: str) -> None:
    console.office.looks = state
    text = (await console.get(f"/sweep/{LOOK}")).text
    assert told in text
    assert "once-word" not in text


async def test_what_somebody_else_looked_at_can_not_be_confirmed_here(console: Desk) -> None:
    await console.enter(Role.OPERATOR)
    text = (await console.get(f"/sweep/{LOOK}")).text
    assert "approver asked for this" in text
    assert "once-word" not in text


async def test_without_a_service_nobody_can_look_and_the_form_says_so() -> None:
    async with desk(FakeOffice(serves=False)) as made:
        await made.enter()
        assert "refundpilot sweep at the terminal" in (await made.get("/sweep")).text
        assert (await made.post("/sweep/look")).status_code == 409
