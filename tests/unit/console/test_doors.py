"""Claims on who gets in and who may do what: every route by every role, foreign hosts and origins, forged forms, guessed tokens."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from bot.console.access import LEAST, RANK, Deed
from bot.console.app import WAYS, Way
from bot.console.sessions import GUESSES, IDLE_S, WINDOW_S
from bot.errors import LedgerError
from bot.ports.office_views import Role
from tests.unit.console.client import HOST, ORIGIN, Desk, desk
from tests.unit.console.fakes import LINK, LOOK, FakeOffice
from tests.unit.report.runs import key

CASE = f"/case/taobao/s1/{key(1).aftersale_id}"
QUERIES = {f"{CASE}/decide": "?verb=refuse"}
WRITES = {
    "/stop": {},
    "/resume": {},
    "/sweep": {},
    "/sweep/look": {"at_least": "10", "ids": "300000000001"},
    f"/sweep/{LOOK}": {"once": "once-word"},
    f"{CASE}/unmask": {"why": "the buyer calls"},
    f"{CASE}/decide": {"verb": "refuse", "why": "signed for", "fingerprint": "f"},
    "/strategies/switch": {"id": "one", "on": "no"},
    "/strategies/order": {"id": "two", "move": "up"},
    "/strategies/edit": {"text": "x"},
    "/strategies/save": {"text": "x", "why": "because"},
    "/shops/taobao/s1/breaker": {},
    "/shops/taobao/s1/sweep": {},
    "/shops/taobao/s1/sign-out": {},
    "/shops/taobao/s1/sign-in": {},
    "/shops/taobao/s1/check": {},
    "/alarms/acknowledge": {"id": "al-1"},
    f"/alarms/answer/{LINK}": {},
    "/audit": {},
    "/signoffs": {"id": "so-1", "agrees": "yes"},
    "/signoffs/withdraw": {"id": "so-1"},
    "/language": {"language": "zh", "back": "/"},
    "/leave": {},
}
"""Every POST that there is, with a form that it takes."""

FOREIGN_HOSTS = (
    "evil.test",
    "evil.test:8710",
    "127.0.0.1",
    "127.0.0.1:8711",
    "127.0.0.1.evil.test:8710",
    "localhost",
    "",
)
FOREIGN_ORIGINS = (
    "null",
    "",
    "http://evil.test",
    "https://127.0.0.1:8710",
    "http://127.0.0.1:8711",
    "http://127.0.0.1:8710.evil.test",
)


def path_of(way: Way) -> str:
    filled = way.path.replace("{platform}/{shop}/{id}", CASE[6:]).replace("{platform}/{shop}", "taobao/s1")
    return (
        filled.replace("{token}", LINK)
        .replace("{look}", LOOK)
        .replace("{name}", "console.css")
        .replace("{sha256}", "0" * 64)
    )


@pytest_asyncio.fixture
async def console() -> AsyncIterator[Desk]:
    async with desk() as made:
        yield made


def test_every_write_is_in_this_table_and_no_other_is() -> None:
    assert {path_of(way) for way in WAYS if way.method == "POST"} == {*WRITES, "/enter"}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.method} {way.path}")
async def test_each_route_lets_through_exactly_who_may_do_its_deed(console: Desk, way: Way, role: Role) -> None:
    await console.enter(role)
    least = LEAST[way.deed]
    allowed = least is None or RANK[role] >= RANK[least]
    path = path_of(way)
    if way.method == "GET":
        answer = await console.get(f"{path}{QUERIES.get(path, '')}")
    else:
        answer = await console.post(path, {**WRITES.get(path, {}), "token": "viewer"})
    assert (answer.status_code == 403) is not allowed
    if not allowed:
        assert console.office.acts == []


async def test_books_that_cannot_be_read_bar_nobody_from_the_kill_switch(
    console: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable() -> dict[str, str]:
        raise LedgerError("the disk is gone")

    await console.enter()
    monkeypatch.setattr(console.office, "marks", unreadable)
    await console.post("/stop", WRITES["/stop"])
    assert [act[0] for act in console.office.acts] == ["stop"]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.method} {way.path}")
async def test_nobody_gets_anywhere_who_has_not_come_in(console: Desk, way: Way) -> None:
    path = path_of(way)
    answer = await (console.get(path) if way.method == "GET" else console.post(path, WRITES.get(path)))
    if way.deed is Deed.ENTER:
        assert answer.status_code in {200, 403}
    else:
        assert (answer.status_code, answer.headers.get("location")) in {(303, "/enter"), (403, None)}
    assert console.office.acts == [] or "{token}" in way.path, "only who has a message's link"


async def test_no_get_has_a_side_effect(console: Desk) -> None:
    await console.enter(Role.APPROVER)
    for way in WAYS:
        if way.method == "GET":
            for query in ("", "?verb=refuse", "?on=yes&id=one&token=once&agrees=yes"):
                await console.get(f"{path_of(way)}{query}")
        else:
            answer = await console.get(path_of(way))
            assert answer.status_code in {200, 303, 404, 405}
    assert console.office.acts == []
    assert (await console.post("/enter", {"token": "once"})).status_code == 303, "the one-time token was not used up"


async def test_a_link_of_a_message_shows_its_alarms_and_answers_them_only_when_asked(console: Desk) -> None:
    place = f"/alarms/answer/{LINK}"
    assert (await console.get(place)).status_code == 200
    assert console.office.acts == [], "chat programs open links by themselves"
    assert (await console.post(place)).status_code == 200
    assert [act[0] for act in console.office.acts] == ["acknowledge_by_link"]
    assert (await console.get("/alarms/answer/ms-1.99.forged")).status_code == 403
    assert (await console.get("/alarms")).status_code == 303, "the link opens nothing else"


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
async def test_a_foreign_host_is_turned_away_whatever_it_asks(console: Desk, host: str) -> None:
    await console.enter()
    for path in ("/", "/enter", "/static/console.css", "/queue", "/live"):
        assert (await console.get(path, host=host)).status_code == 403
    assert (await console.post("/stop", host=host)).status_code == 403
    assert console.office.acts == []


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
@pytest.mark.parametrize("path", [*WRITES, "/enter"])
async def test_a_write_from_a_foreign_origin_is_turned_away(console: Desk, path: str, origin: str) -> None:
    await console.enter()
    answer = await console.post(path, {**WRITES.get(path, {}), "token": "viewer"}, origin=origin)
    assert answer.status_code == 403
    assert console.office.acts == []


async def test_a_write_without_any_origin_is_turned_away(console: Desk) -> None:
    await console.enter()
    assert (await console.client.post("/stop", data={"csrf": console.csrf})).status_code == 403


@pytest.mark.parametrize("path", [path for path in WRITES if LINK not in path])
@pytest.mark.parametrize("forged", ["", "x", "of another session"])
async def test_a_write_without_its_pages_token_is_turned_away(console: Desk, path: str, forged: str) -> None:
    await console.enter(Role.VIEWER)
    other = console.csrf
    await console.enter()
    told = other if forged == "of another session" else forged
    assert (await console.post(path, {**WRITES[path], "csrf": told})).status_code == 403
    assert console.office.acts == []


@pytest.mark.parametrize(("language", "told"), [("zh", "没有执行任何操作"), ("en", "nothing was done")])
@pytest.mark.parametrize("path", ["/stop", "/strategies/save", f"{CASE}/decide"])
async def test_whose_sign_in_is_over_is_told_that_nothing_was_done_and_how_to_come_in(
    console: Desk, path: str, language: str, told: str
) -> None:
    console.office.language = language
    await console.enter()
    console.seconds.at += IDLE_S + 1
    page = await console.post(path, WRITES[path])
    assert page.status_code == 403
    assert told in page.text
    assert "refundpilot stop" in page.text, "who wants to stop it is not sent for a token first"
    assert 'action="/enter"' in page.text
    assert console.office.acts == []


async def test_a_page_of_an_earlier_sign_in_says_so_with_a_stop_that_works(console: Desk) -> None:
    await console.enter()
    before = console.csrf
    await console.enter()
    page = await console.post("/alarms/acknowledge", {"id": "al-1", "csrf": before})
    assert (page.status_code, console.office.acts) == (403, [])
    assert "earlier sign-in" in page.text
    assert f'value="{console.csrf}"' in page.text


async def test_an_address_without_a_page_is_a_page_to_who_has_come_in_and_a_bare_number_to_others(
    console: Desk,
) -> None:
    assert (await console.get("/nothing")).text == "404"
    await console.enter()
    for path, status in (("/nothing", 404), ("/strategies/save", 405)):
        page = await console.get(path)
        assert page.status_code == status
        assert "There is nothing at this address" in page.text


async def test_pictures_and_frames_of_foreign_pages_get_nothing_but_a_followed_link_does(console: Desk) -> None:
    await console.enter()
    site = {"sec-fetch-site": "cross-site"}
    assert (await console.client.get("/static/console.css", headers=site)).status_code == 403
    framed = {**site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
    assert (await console.client.get("/", headers=framed)).status_code == 403
    followed = {**site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert (await console.client.get("/", headers=followed)).status_code == 200


async def test_a_thousand_guesses_reach_no_more_than_a_few_comparisons(console: Desk) -> None:
    codes = [(await console.post("/enter", {"token": f"guess-{n}"})).status_code for n in range(1000)]
    assert codes.count(403) == GUESSES
    assert codes.count(429) == 1000 - GUESSES
    assert (await console.post("/enter", {"token": "approver"})).status_code == 429, "a right one waits too"
    console.seconds.at += WINDOW_S + 1
    assert (await console.post("/enter", {"token": "approver"})).status_code == 303


async def test_the_one_time_token_is_good_once_and_for_the_person_it_was_made_for(console: Desk) -> None:
    assert (await console.post("/enter", {"token": "once"})).status_code == 303
    assert "operator" in (await console.get("/")).text
    console.client.cookies.clear()
    assert (await console.post("/enter", {"token": "once"})).status_code == 403


async def test_the_cookie_is_seen_by_no_script_and_sent_by_no_foreign_page(console: Desk) -> None:
    answer = await console.post("/enter", {"token": "approver"})
    told = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip() for part in told.split(";")}
    assert "approver" not in told


async def test_a_replaced_token_ends_the_sessions_that_came_by_it(console: Desk) -> None:
    await console.enter()
    assert (await console.get("/")).status_code == 200
    console.hashes["approver"] = "0" * 64
    assert (await console.get("/")).headers["location"] == "/enter"


async def test_a_person_whom_the_settings_do_not_name_any_more_is_out(console: Desk) -> None:
    await console.enter()
    console.office.people = console.office.people[:2]
    assert (await console.get("/")).headers["location"] == "/enter"


async def test_a_page_that_only_keeps_itself_up_to_date_keeps_no_session_open(console: Desk) -> None:
    await console.enter()
    for _ in range(3):
        console.seconds.at += IDLE_S / 2 + 1
        last = await console.get("/", **{"x-part": "1"})
    assert last.headers["location"] == "/enter"


async def test_a_session_left_alone_for_a_day_or_signed_out_is_over(console: Desk) -> None:
    await console.enter()
    console.seconds.at += IDLE_S + 1
    assert (await console.get("/")).headers["location"] == "/enter"
    await console.enter()
    kept = dict(console.client.cookies)
    await console.post("/leave")
    console.client.cookies.update(kept)
    assert (await console.get("/")).headers["location"] == "/enter"


@pytest.mark.parametrize("back", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:x", "/a\nb"])
async def test_the_way_back_never_leads_elsewhere(console: Desk, back: str) -> None:
    await console.enter()
    answer = await console.post("/language", {"language": "zh", "back": back})
    assert answer.headers["location"] == "/"


async def test_every_answer_carries_its_headers_and_none_opens_up_to_foreign_pages(console: Desk) -> None:
    await console.enter()
    for path in ("/", "/queue", "/enter", "/nothing", "/picture/x", "/monitor.csv"):
        headers = (await console.get(path)).headers
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert not [name for name in headers if name.startswith("access-control")]


async def test_what_breaks_says_nothing_about_itself(console: Desk) -> None:
    await console.enter()
    console.office.fails = True
    answer = await console.get("/queue")
    assert (answer.status_code, answer.text) == (500, "500 Internal Server Error")


@pytest.mark.parametrize(
    "path", ["/..%2f..%2fetc/passwd", "/static/..%2fconsole.js", "/static/%2e%2e", "/static/app.py"]
)
async def test_no_file_but_ours_is_served(console: Desk, path: str) -> None:
    await console.enter()
    assert (await console.get(path)).status_code == 404


async def test_a_form_without_end_is_cut_off(console: Desk) -> None:
    await console.enter()
    answer = await console.post("/strategies/edit", {"text": "x" * 3_000_000})
    assert answer.status_code == 413


async def test_the_whole_page_has_no_word_of_script_or_style_in_it(console: Desk) -> None:
    await console.enter()
    for way in WAYS:
        if way.method == "GET":
            text = (await console.get(path_of(way))).text
            assert not re.search(r"<style|<script(?! src=)|\son[a-z]+=|\sstyle=|javascript:", text), way.path


async def test_both_names_of_this_machine_are_known() -> None:
    async with desk(FakeOffice()) as made:
        assert (await made.client.get("/enter", headers={"host": "localhost:8710"})).status_code == 200
        assert (await made.client.get("/enter", headers={"host": HOST})).status_code == 200
    assert httpx.URL(ORIGIN).host == "127.0.0.1"
