"""Claims on the pages: what a person does is handed on exactly, both languages are whole, strangers' words stay words."""

from __future__ import annotations

import csv
import io
import re
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

import openpyxl
import pytest

from bot.catalogue import Language
from bot.catalogue.load import texts
from bot.console.access import Deed
from bot.console.app import WAYS
from bot.domain.action import Verb
from bot.domain.decision import Reason
from bot.domain.hand import Instead
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ports.office_views import Answer, CaseList, Mistake, Role, UnderWay
from bot.ports.wanted import HandVerdict
from tests.unit.catalogue.codes import ROOT
from tests.unit.console.client import Desk, desk
from tests.unit.console.fakes import LIMIT, FakeOffice
from tests.unit.console.test_doors import CASE, QUERIES, path_of
from tests.unit.engine.builders import NOW
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


async def test_a_decision_is_handed_on_with_what_the_person_saw_and_why(console: Desk) -> None:
    page = (await console.get(f"{CASE}/decide?verb=refuse")).text
    fingerprint = re.search(r'name="fingerprint" value="([0-9a-f]{64})"', page)
    assert fingerprint
    form = {"verb": "refuse", "why": "signed for at the door", "fingerprint": fingerprint[1]}
    answer = await console.post(f"{CASE}/decide", form)
    assert answer.headers["location"] == "/queue"
    (act,) = console.office.acts
    verdict = act[1]
    assert isinstance(verdict, HandVerdict)
    assert (verdict.verb, verdict.by, verdict.why) == (Verb.REFUSE, "approver", "signed for at the door")
    assert (verdict.fingerprint, str(verdict.case)) == (fingerprint[1], CASE[6:])


async def test_after_a_decision_the_queue_comes_back_as_it_was_filtered_at_the_next_case(console: Desk) -> None:
    page = (await console.get("/queue?kind=hold&least=10&within=24")).text
    verbs = re.search(r'href="(/case/[^"]+/decide\?verb=refuse[^"]*)"', page)
    assert verbs
    form = (await console.get(verbs[1].replace("&amp;", "&"))).text
    queue = re.search(r'name="queue" value="([^"]*)"', form)
    assert queue
    told = {"verb": "refuse", "why": "signed for", "fingerprint": "f", "queue": queue[1].replace("&amp;", "&")}
    place = (await console.post(f"{CASE}/decide", told)).headers["location"]
    asked = dict(parse_qsl(urlsplit(place).query))
    assert asked == {"kind": "hold", "least": "10", "within": "24", "behind": CASE[6:]}
    assert chosen((await console.get(place)).text) != CASE[6:], "the next one"
    elsewhere = {**told, "queue": "kind=hold&next=https://evil.test/&see=x"}
    assert (await console.post(f"{CASE}/decide", elsewhere)).headers["location"] == "/queue?kind=hold"


def chosen(page: str) -> str:
    """The case that the queue shows beside its list."""
    shown = re.search(r'href="/queue\?([^"#]+)#preview" data-row aria-current="true"', page)
    assert shown
    return dict(parse_qsl(shown[1].replace("&amp;", "&")))["see"]


@pytest.mark.parametrize(
    ("waits_for", "told"),
    [("robot", "Handed to the robot by Wang at"), ("second", "Waits for a second person: Wang asked at")],
)
async def test_what_somebody_decided_is_marked_and_offers_nothing_more_to_decide(
    console: Desk, waits_for: Literal["robot", "second"], told: str
) -> None:
    assert chosen((await console.get("/queue")).text) == CASE[6:]
    signoff = "so-1" if waits_for == "second" else ""
    console.office.under_way = UnderWay(waits_for=waits_for, verb=Verb.INTERCEPT, by="Wang", since=NOW, signoff=signoff)
    queue = (await console.get("/queue")).text
    assert told in queue
    assert chosen(queue) != CASE[6:], "the first that nobody decided on"
    for path in (CASE, f"/queue?see={CASE[6:]}"):
        page = (await console.get(path)).text
        assert told in page
        assert "/decide?verb=" not in page
        assert ('· <a href="/signoffs">' in page) is (waits_for == "second")
    console.office.refused = console.office.under_way.refusal
    asked = await console.get(f"{CASE}/decide?verb=refuse")
    assert "Wang" in asked.text
    assert re.search(r"<button class=\"main v-refuse\" disabled>", asked.text)
    assert (
        await console.post(f"{CASE}/decide", {"verb": "refuse", "why": "why", "fingerprint": "f"})
    ).status_code == 409
    assert console.office.acts == []


@pytest.mark.parametrize(
    ("verb", "why"), [("refuse", ""), ("refuse", "x"), ("remark", "a reason"), ("nonsense", "a reason")]
)
async def test_no_decision_without_a_reason_or_of_another_kind(console: Desk, verb: str, why: str) -> None:
    answer = await console.post(f"{CASE}/decide", {"verb": verb, "why": why, "fingerprint": "f"})
    assert answer.status_code in {404, 422}
    assert console.office.acts == []


async def test_what_a_decision_says_beyond_its_verb_goes_with_it(console: Desk) -> None:
    form = {"verb": "negotiate", "why": "meet halfway", "fingerprint": "f", "amount": "12.50", "message": "可以吗"}
    shown = await console.post(f"{CASE}/decide", form)
    assert (shown.status_code, console.office.acts) == (200, []), "first it is shown what that comes to"
    for told in ("Press once more", "¥12.50", 'value="meet halfway"', 'value="12.50"'):
        assert told in shown.text
    mark = re.search(r'name="shown" value="([0-9a-f]{16})"', shown.text)
    assert mark
    await console.post(f"{CASE}/decide", {**form, "shown": mark[1]})
    verdict = console.office.acts[0][1]
    assert isinstance(verdict, HandVerdict)
    assert (verdict.amount, verdict.message) == (Money(1_250), "可以吗")
    assert (await console.post(f"{CASE}/decide", {**form, "amount": "a few"})).status_code == 422
    refusal = {"verb": "refuse", "why": "signed for", "fingerprint": "f"}
    assert (await console.post(f"{CASE}/decide", {**refusal, "refusal": "nonsense"})).status_code == 422
    assert len(console.office.acts) == 1


async def test_of_an_unknown_outcome_nothing_can_be_asked_but_to_read_it_back() -> None:
    async with desk(FakeOffice(unproven=True)) as made:
        await made.enter()
        page = (await made.get(CASE)).text
        assert re.findall(r"/decide\?verb=([a-z_]+)", page) == ["hold"]
        assert "outcome is unknown" in (await made.get(f"{CASE}/decide?verb=hold")).text
        await made.post(f"{CASE}/decide", {"verb": "hold", "why": "look again", "fingerprint": "f"})
        verdict = made.office.acts[0][1]
        assert isinstance(verdict, HandVerdict)
        assert (verdict.verb, verdict.instead) == (Verb.HOLD, Instead.RELEASE)


@pytest.mark.parametrize("verb", ["agree_refund", "agree_return", "refuse", "intercept", "negotiate"])
async def test_before_it_is_done_it_is_said_what_exactly_will_be(console: Desk, verb: str) -> None:
    page = (await console.get(f"{CASE}/decide?verb={verb}")).text
    assert "¥129.00" in page
    assert "cannot be taken back" in page
    assert "Left in the shop" in page


async def test_before_a_person_confirms_they_see_amount_reason_proofs_budgets_and_who_else_is_needed(
    console: Desk,
) -> None:
    page = (await console.get(f"{CASE}/decide?verb=refuse")).text
    for told in (
        "What will be done", "picture of the courier", "without them nothing is done", "not needed",
        "¥500.00 of ¥900.00 today, ¥371.00 afterwards", "not enough, so nothing would be done",
    ):  # fmt: skip
        assert told in page, told
    assert "for at most ¥20.00" in (await console.get(f"{CASE}/decide?verb=intercept")).text
    console.office.limit = Money(100)
    assert "nothing is done before they agree" in (await console.get(f"{CASE}/decide?verb=refuse")).text


async def test_what_can_not_be_done_is_said_before_and_never_handed_on(console: Desk) -> None:
    form = {"verb": "refuse", "why": "signed for", "fingerprint": "f"}
    for code, told, dead in (
        ("brake.verb", "This cannot be done: This shop does not allow", True),
        ("hand.no_refusal", "Still lacking: A refusal needs a reason", False),
    ):
        console.office.refused = Reason(code=code)
        page = (await console.get(f"{CASE}/decide?verb=refuse")).text
        assert told in page
        assert bool(re.search(r"<button class=\"main v-refuse\" disabled>", page)) is dead
        assert (await console.post(f"{CASE}/decide", form)).status_code == 409
    assert console.office.acts == []


async def test_above_the_limit_the_page_says_that_it_takes_two() -> None:
    office = FakeOffice(limit=Money(100))
    async with desk(office) as made:
        await made.enter()
        assert "second person" in (await made.get(f"{CASE}/decide?verb=agree_refund")).text
        office.limit = Money(2_000)
        assert "Second person</dt><dd>not needed" in (await made.get(f"{CASE}/decide?verb=intercept")).text, (
            "for the fee"
        )
        office.limit = LIMIT
        assert "A second person has to agree" not in (await made.get(f"{CASE}/decide?verb=agree_refund")).text


async def test_where_nobody_carries_it_out_the_button_is_dead_and_says_why() -> None:
    async with desk(FakeOffice(serves=False)) as made:
        await made.enter()
        page = (await made.get(f"{CASE}/decide?verb=refuse")).text
        assert "service is not running" in page
        assert re.search(r"<button class=\"main v-refuse\" disabled>", page)


async def test_a_case_that_is_over_offers_nothing_to_decide() -> None:
    async with desk(FakeOffice(status=CaseStatus.DONE)) as made:
        await made.enter()
        assert "/decide?verb=" not in (await made.get(CASE)).text


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


async def test_each_decision_of_a_case_leads_to_the_policy_that_made_it(console: Desk) -> None:
    page = (await console.get(CASE)).text
    (version,) = set(re.findall(r"/strategies/history\?version=([^\"]*)", page))
    file = console.office.case(key(1))
    assert file is not None
    assert version == file.decisions[0].decision.policy_hash


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
