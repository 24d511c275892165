"""Claims on the strategies' pages: a policy is saved as it was rehearsed, and nobody's text is lost."""

from __future__ import annotations

import re

import pytest

from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.ports.office_views import Answer, Mistake, Role
from tests.unit.console.client import Desk, desk


async def test_a_policy_is_saved_only_as_it_was_rehearsed_in_this_session(console: Desk) -> None:
    form = {"text": "name = 'x'", "base": "b" * 64, "why": "less is paid"}
    assert (await console.post("/strategies/save", form)).status_code == 422
    assert console.office.acts == []
    await console.post("/strategies/edit", form)
    assert (await console.post("/strategies/save", {**form, "text": "name = 'y'"})).status_code == 422
    await console.post("/strategies/edit", form)
    assert (await console.post("/strategies/save", form)).headers["location"] == "/strategies"
    assert console.office.acts == [("save", "name = 'x'", "b" * 64, "approver", "less is paid", Money(100))]


@pytest.mark.parametrize("path", ["/strategies/edit", "/strategies/save"])
async def test_who_wrote_on_a_policy_that_was_changed_meanwhile_keeps_their_text_and_sees_the_difference(
    console: Desk, path: str
) -> None:
    form = {"text": "mine = 1", "base": "c" * 64, "why": "less is paid"}
    await console.post("/strategies/edit", form)
    page = await console.post(path, form)
    assert "mine = 1</textarea>" in page.text
    assert "policy.toml was changed" not in page.text
    assert "Somebody else changed policy.toml" in page.text
    assert "+mine = 1" in page.text, "what it would put in the place of theirs"
    assert f'name="base" value="{"b" * 64}"' in page.text
    assert console.office.acts == []
    await console.post("/strategies/save", {**form, "base": "b" * 64})
    assert [act[:3] for act in console.office.acts] == [("save", "mine = 1", "b" * 64)], "knowing that, it is theirs"


async def test_a_policy_that_could_not_be_written_stands_in_the_editor_with_the_reason(
    console: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> Answer:
        return Answer(kind="refused", told=Reason(code="policy.overtaken", params={"page": "policy.toml"}))

    monkeypatch.setattr(console.office, "save_policy", refused)
    form = {"text": "mine = 1", "base": "b" * 64, "why": "less is paid"}
    await console.post("/strategies/edit", form)
    page = await console.post("/strategies/save", form)
    assert page.status_code == 409
    assert "nothing was written" in page.text
    assert "mine = 1</textarea>" in page.text
    assert 'value="less is paid"' in page.text


@pytest.mark.parametrize("path", ["/strategies", "/strategies/edit"])
@pytest.mark.parametrize(
    ("language", "told"), [("zh", ("第 12 行", "name: 缺少这一项")), ("en", ("line 12", "name: missing"))]
)
async def test_a_broken_policy_is_told_in_the_readers_language_whatever_the_robots_is(
    console: Desk, path: str, language: str, told: tuple[str, ...]
) -> None:
    missing = Mistake(line=12, key="name", reason=Reason(code="config.missing"))
    console.office.broken = (missing, missing.model_copy(update={"line": 0}))
    console.office.language = "en"
    await console.post("/language", {"language": language, "back": path})
    page = (await console.get(path)).text
    assert all(word in page for word in told)
    assert page.count(told[1]) == 2
    assert not re.search(r"第 0 行|line 0", page), "the file as a whole"


async def test_what_is_no_policy_can_not_be_saved(console: Desk) -> None:
    page = await console.post("/strategies/edit", {"text": "bad", "base": "b"})
    assert "line 2" in page.text
    assert "/strategies/save" not in page.text


async def test_rolling_back_goes_through_the_same_rehearsal(console: Desk) -> None:
    page = await console.post("/strategies/edit", {"version": "a" * 64})
    assert "before" in page.text
    assert "/strategies/save" in page.text
    assert console.office.acts == []


async def test_line_ends_of_a_form_do_not_change_the_text(console: Desk) -> None:
    form = {"text": "a\r\nb\r\n", "base": "b" * 64}
    await console.post("/strategies/edit", form)
    await console.post("/strategies/save", {**form, "why": "so it is"})
    assert console.office.acts[0][1] == "a\nb\n"


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        ({"id": "two", "move": "up"}, ("two", "one")),
        ({"id": "one", "move": "down"}, ("two", "one")),
        ({"ids": "two,one"}, ("two", "one")),
        ({"id": "one", "move": "up"}, None),
        ({"id": "nobody", "move": "up"}, None),
    ],
)
async def test_strategies_change_places_with_their_neighbour_or_as_dragged(
    console: Desk, form: dict[str, str], wanted: tuple[str, ...] | None
) -> None:
    await console.post("/strategies/order", form)
    assert [act[1] for act in console.office.acts] == ([wanted] if wanted else [])


async def test_switching_on_is_an_approvers_and_switching_off_is_not() -> None:
    async with desk() as made:
        await made.enter(Role.OPERATOR)
        assert (await made.post("/strategies/switch", {"id": "one", "on": "yes"})).status_code == 403
        await made.post("/strategies/switch", {"id": "one", "on": "no"})
        assert made.office.acts == [("switch", "one", "operator", False)]
