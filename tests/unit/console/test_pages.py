"""Claims on the pages: both languages are whole, what filters and what does not is said, strangers' words stay words."""

from __future__ import annotations

import csv
import io
import re

import openpyxl
import pytest

from bot.catalogue import Language
from bot.catalogue.load import texts
from bot.console.access import Deed
from bot.console.app import WAYS
from bot.ports.office_views import CaseList, Role
from tests.unit.catalogue.codes import ROOT
from tests.unit.console.client import Desk, desk
from tests.unit.console.fakes import FakeOffice
from tests.unit.console.test_doors import CASE, QUERIES, path_of
from tests.unit.report.runs import key
from tests.unit.report.test_browser import HOSTILE

LOOKS = [
    path_of(way) for way in WAYS if way.method == "GET" and way.deed is not Deed.ENTER and "picture" not in way.path
]
TEMPLATES = sorted((ROOT / "bot" / "console" / "templates").glob("*.j2"))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("serves", [True, False])
async def test_every_page_has_all_its_words_in_both_languages(language: str, *, serves: bool) -> None:
    async with desk(FakeOffice(language=language, serves=serves)) as made:
        await made.enter()
        for path in LOOKS:
            answer = await made.get(f"{path}{QUERIES.get(path, '')}")
            assert answer.status_code == 200, path
            if "html" in answer.headers["content-type"]:
                assert not re.search(r"\[[a-z_]+\.[a-z_.]+\]|\{[a-z_]+\}", answer.text), path
                assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in answer.text


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.name))
def test_every_code_that_a_template_names_has_a_text(template: object) -> None:
    text = template.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    known = texts(Language.EN)
    whole = re.findall(r'v\.text\("([a-z_.]+)"[,)]', text)
    begun = re.findall(r'v\.text\("([a-z_]+\.)" ~', text)
    assert [code for code in whole if f"console.{code}" not in known] == []
    assert [code for code in begun if not any(one.startswith(f"console.{code}") for one in known)] == []


async def test_the_language_is_chosen_for_this_session_alone(console: Desk) -> None:
    assert "To decide" in (await console.get("/queue")).text
    await console.post("/language", {"language": "zh", "back": "/queue"})
    assert "待处理" in (await console.get("/queue")).text
    await console.enter()
    assert "To decide" in (await console.get("/queue")).text


async def test_every_page_says_where_a_person_is_needed_and_for_how_long() -> None:
    async with desk(FakeOffice(window=False)) as made:
        await made.enter()
        for path in ("/", "/queue", "/shops"):
            text = (await made.get(path)).text
            assert 'role="timer" data-left="571">9:31<' in text, path
            assert "taobao/s2: a person is needed." in text
            assert "browser.headed" in text, "without a window it says what to do"
        made.office.left_s, made.office.window = None, True
        text = (await made.get("/shops")).text
        assert "data-left" not in text
        assert "waits for a person" in text


async def test_the_shops_page_tells_how_old_a_sign_in_is_and_ends_it(console: Desk) -> None:
    text = (await console.get("/shops")).text
    assert "5 h ago" in text
    assert "Sign in anew" in text
    answer = await console.post("/shops/taobao/s1/sign-out")
    assert answer.headers["location"] == "/shops"
    assert console.office.acts == [("end_sign_in", "taobao/s1", "approver")]


async def test_the_shops_page_has_the_robot_sign_in_or_prove_its_session_at_once(console: Desk) -> None:
    text = (await console.get("/shops")).text
    for path, anew in (("sign-in", True), ("check", False)):
        assert f'action="/shops/taobao/s1/{path}"' in text
        assert (await console.post(f"/shops/taobao/s1/{path}")).headers["location"] == "/shops"
        assert console.office.acts[-1] == ("enter", "taobao/s1", "approver", anew)


async def test_what_is_beside_the_usual_is_named_on_the_pages(console: Desk) -> None:
    shops, today, alarms = [(await console.get(path)).text for path in ("/shops", "/", "/alarms")]
    for page in (shops, today):
        assert "at these hours, by the schedule; otherwise act" in page
    assert "Open after their deadline: 7" in today
    for page in (today, alarms):
        assert "¥129.00 · " in page, "an alarm has its sum and its deadline"


@pytest.mark.parametrize(
    ("role", "path", "status", "told"),
    [
        (Role.APPROVER, "/case/taobao/s1/nobody", 404, "There is no such case in the ledger."),
        (Role.APPROVER, "/case/taobao/s1/nobody/decide?verb=refuse", 404, "There is no such case in the ledger."),
        (Role.APPROVER, "/sweep/gone", 404, "That is not kept any more: choose the cases again."),
        (Role.VIEWER, "/sweep", 403, "Your role does not allow this. Ask somebody whose role does."),
        (Role.OPERATOR, "/resume", 403, "Your role does not allow this. Ask somebody whose role does."),
    ],
)
async def test_a_page_that_says_no_says_why(console: Desk, role: Role, path: str, status: int, told: str) -> None:
    await console.enter(role)
    page = await console.get(path)
    assert page.status_code == status
    assert f"<p>{told}</p>" in page.text


@pytest.mark.parametrize("path", ["/queue", "/cases"])
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("least=1万", "From ¥: no amount in yuan: 1万"),
        ("most=100块", "To ¥: no amount in yuan: 100块"),
        ("least=20&most=10", "No amount is at least ¥20.00 and at most ¥10.00"),
        ("least=１，０００&most=￥1,234.50元", "To ¥: no amount in yuan"),
        ("least=１，０００&most=12345.5元", ""),
        ("least=￥100", ""),
        ("", ""),
    ],
)
async def test_a_sum_that_does_not_filter_is_said_above_the_list(
    console: Desk, path: str, asked: str, told: str
) -> None:
    page = (await console.get(f"{path}?{asked}")).text
    assert ('id="wrong"' in page) is bool(told)
    assert told in page


@pytest.mark.parametrize(("asked", "told"), [("?least=9000", "Nothing found"), ("", "Nothing waits for a person")])
async def test_a_list_that_filters_emptied_does_not_say_that_nothing_waits(
    console: Desk, monkeypatch: pytest.MonkeyPatch, asked: str, told: str
) -> None:
    monkeypatch.setattr(console.office, "cases", lambda *_: CaseList(rows=()))
    page = (await console.get(f"/queue{asked}")).text
    assert [words for words in ("Nothing found", "Nothing waits for a person") if words in page] == [told]


async def test_a_number_typed_in_full_width_finds_its_case(console: Desk) -> None:
    number = key(1).aftersale_id
    wide = number.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    assert wide != number
    assert (await console.get(f"/cases?text={wide}")).headers["location"].endswith(number)


async def test_a_whole_number_in_the_search_leads_to_its_case(console: Desk) -> None:
    answer = await console.get(f"/cases?text={CASE.rpartition('/')[2]}")
    assert answer.headers["location"] == CASE


async def test_buyers_are_masked_until_somebody_says_why_and_is_written_down() -> None:
    async with desk(FakeOffice(payload="张三丰 13800138000", named="my own words", ids="4711")) as made:
        await made.enter()
        for path in LOOKS:
            answer = await made.get(f"{path}{QUERIES.get(path, '')}")
            if "xlsx" not in path and "/strategies" not in path:  # a policy's text is the merchant's own
                assert "13800138000" not in re.sub(r'(?:href|value)="[^"]*"', "", answer.text), path
        assert (await made.post(f"{CASE}/unmask", {"why": ""})).status_code == 303
        assert made.office.acts == []
        full = await made.post(f"{CASE}/unmask", {"why": "the buyer calls"})
        assert "张三丰 13800138000" in full.text
        assert made.office.acts == [("unmask", CASE.rpartition("/")[2], "approver", "the buyer calls")]


async def test_each_decision_of_a_case_leads_to_the_policy_that_made_it(console: Desk) -> None:
    page = (await console.get(CASE)).text
    (version,) = set(re.findall(r"/strategies/history\?version=([^\"]*)", page))
    file = console.office.case(key(1))
    assert file is not None
    assert version == file.decisions[0].decision.policy_hash


async def test_an_anchor_that_is_none_is_said_and_not_guessed(console: Desk) -> None:
    assert "64 hex digits" in (await console.post("/audit", {"anchor": "12 abc"})).text
    assert "something does not hold" in (await console.post("/audit", {"anchor": f"12 {'a' * 64}"})).text


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "|calc", "%1", "'=1")


@pytest.mark.parametrize("payload", FORMULAS)
async def test_no_cell_that_is_taken_away_is_a_formula(payload: str) -> None:
    async with desk(FakeOffice(payload=payload)) as made:
        await made.enter()
        data = (await made.get("/monitor.csv")).content
        assert data.startswith(b"\xef\xbb\xbf")
        _, row = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        texts_of = [cell for cell in row if cell not in {"1.00", "0.00"}]
        assert not [cell for cell in texts_of if cell.lstrip()[:1] in "=+-@|%＝" and cell.strip()]
        book = openpyxl.load_workbook(io.BytesIO((await made.get("/monitor.xlsx")).content))
        kinds = {cell.data_type for line in book.active.iter_rows(min_row=2) for cell in line}
        assert kinds <= {"s", "n"}


@pytest.mark.parametrize("payload", HOSTILE)
async def test_strangers_words_are_escaped_on_every_page(payload: str) -> None:
    async with desk(FakeOffice(payload=payload)) as made:
        await made.enter()
        for path in LOOKS:
            answer = await made.get(f"{path}{QUERIES.get(path, '')}")
            assert answer.status_code == 200, path
            if "html" in answer.headers["content-type"] and "<" in payload:
                assert payload not in answer.text, path
