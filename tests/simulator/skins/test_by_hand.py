"""A person at the browser: signs in, finds a case, agrees, refuses, intercepts; and the traps that wait for robots."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Dialog, expect

from simulator.world.model import CaseState, Challenge
from tests.simulator.skins import small_world as small
from tests.simulator.skins.conftest import LIST, Desk, DeskMaker

pytestmark = pytest.mark.asyncio(loop_scope="session")
NOTICE_ABOVE, NOTICE_BENEATH, NO_NOTICE = 1, 2, 0
"""Seeds at which the unshipped case's agree dialog lies beneath, above, or without another of the same words."""

ADDRESS_CHOSEN, ADDRESS_OPEN = 1, 0
"""Seeds at which the return address is preselected, or not."""

SAYS_SO, SAYS_NOTHING = 24, 35
"""Seeds at which the first page that is turned takes seconds, and the table says so, or not."""

OPENED, HELD = "2026-11-22T10:00:00", "2026-11-22T11:00:00"
"""When a page is opened by its own clock, and where that is held so that what is there for a moment can be looked at."""


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(out, "PNG")
    return out.getvalue()


async def signed_in(desk: DeskMaker, **options: object) -> Desk:
    person = await desk(**options)  # type: ignore[arg-type]  # options of DeskMaker
    await person.skip_guides()
    await person.enter()
    return person


async def state_of(person: Desk, number: str) -> CaseState:
    return person.world.store.cases[number].state


async def test_wrong_password_is_said_on_the_page(desk: DeskMaker) -> None:
    person = await desk()
    await person.sign_in("wrong")
    await expect(person.page.get_by_role("alert")).to_have_text("账号名或登录密码不正确")


async def test_from_sign_in_to_an_agreed_refund(desk: DeskMaker) -> None:
    person = await desk(seed=NO_NOTICE)
    await person.skip_guides()
    await person.page.context.clock.install(time=OPENED)
    await person.sign_in()
    page = person.page
    await expect(page.get_by_text("店铺：山野户外旗舰店")).to_be_visible()
    await page.get_by_role("navigation").get_by_role("link", name="退款管理").click()
    row = page.get_by_role("row").filter(has_text=small.UNSHIPPED)
    async with page.expect_popup() as popup:
        await row.get_by_role("link", name="查看详情").click()
    detail = await popup.value
    await detail.get_by_role("button", name="同意退款", exact=True).click()
    dialog = detail.get_by_role("dialog", name="同意退款", exact=True)
    await expect(dialog).to_contain_text(small.UNSHIPPED)
    await expect(dialog).to_contain_text("¥129.00")
    await page.context.clock.pause_at(HELD)
    await dialog.get_by_role("button", name="同意退款").click()
    await expect(detail.get_by_text("操作成功")).to_be_visible()
    await page.context.clock.run_for(1_100)
    await expect(detail.get_by_role("definition").filter(has_text="退款成功")).to_be_visible()
    assert await state_of(person, small.UNSHIPPED) is CaseState.SUCCESS
    assert person.posts["/h5api/dispute/agree"] == 1


@pytest.mark.parametrize("seed", [NOTICE_ABOVE, NOTICE_BENEATH])
async def test_two_dialogs_with_the_same_words_and_only_one_names_the_case(desk: DeskMaker, seed: int) -> None:
    person = await signed_in(desk, seed=seed)
    await person.open_case(small.UNSHIPPED)
    await person.page.get_by_role("button", name="同意退款", exact=True).click()
    dialogs = person.page.get_by_role("dialog")
    await expect(dialogs).to_have_count(2)
    await expect(dialogs.filter(has_text=small.UNSHIPPED)).to_have_count(1)
    notice = dialogs.filter(has_text="同意退款须知")
    if seed == NOTICE_BENEATH:
        await dialogs.filter(has_text=small.UNSHIPPED).get_by_role("button", name="关闭").click()
    await notice.get_by_role("button", name="同意退款").click()
    await expect(notice).to_have_count(0)
    assert person.posts["/h5api/dispute/agree"] == 0


async def test_guide_covers_the_buttons_until_it_is_dismissed_and_stays_away(desk: DeskMaker) -> None:
    person = await desk()
    await person.enter()
    await person.open_case(small.UNSHIPPED)
    button = person.page.get_by_role("button", name="备注")
    covered = await button.evaluate(
        "b => { const r = b.getBoundingClientRect(); return document.elementFromPoint(r.x + 5, r.y + 5) !== b }"
    )
    assert covered
    await person.page.get_by_role("button", name="我知道了").click()
    await button.click()
    await person.open_case(small.LARGE)
    await expect(person.page.get_by_role("button", name="我知道了")).to_have_count(0)


NOTES_WAITS = """
  const real = window.setTimeout;
  window.waits = [];
  window.setTimeout = (act, ms, ...more) => {
    const table = document.querySelector("table");
    const first = table?.querySelector("tbody td")?.innerText;
    if (String(act).includes("draw(")) window.waits.push([ms, table.getAttribute("aria-busy"), first]);
    return real(act, ms, ...more);
  };
"""
"""Notes, for every answer that the list is going to draw: after how many ms, and what table and first row say until then."""


async def test_old_rows_linger_while_the_next_page_loads(desk: DeskMaker) -> None:
    person = await signed_in(desk)
    page = person.page
    await page.add_init_script(NOTES_WAITS)
    await page.goto(f"{person.url}{LIST}")
    table, first = page.get_by_role("table"), page.get_by_role("row").nth(1)
    await expect(table).to_have_attribute("aria-busy", "false")
    await expect(first).to_contain_text(small.UNSHIPPED)
    await page.get_by_role("tab", name="待商家收货").click()
    await expect(first).to_contain_text(small.RETURN_BACK)
    await expect(page.get_by_text("共 1 条")).to_be_visible()
    await expect(page.get_by_role("button", name="下一页")).to_have_attribute("aria-disabled", "true")
    ms, said, old = await page.evaluate("waits.at(-1)")
    assert ms >= 150
    assert (said, old) == ("true", small.UNSHIPPED)


async def turned(person: Desk, *, jump: bool = False) -> tuple[str, list[Any]]:
    """The first row before a page is turned, and what was noted of the turn once its rows are there."""
    page = person.page
    await page.add_init_script(NOTES_WAITS)
    await page.goto(f"{person.url}{LIST}")
    table = page.get_by_role("table")
    await expect(table).to_have_attribute("aria-busy", "false")
    old = await page.locator("tbody td").first.inner_text()
    if jump:
        await page.get_by_label("跳至页码").fill("2")
        await page.get_by_role("button", name="确定").click()
    else:
        await page.get_by_role("button", name="下一页").click()
    await expect(page.get_by_role("row")).to_have_count(17)
    await expect(table).to_have_attribute("aria-busy", "false")
    return old, await page.evaluate("waits.at(-1)")


@pytest.mark.parametrize(("seed", "busy"), [(SAYS_SO, "true"), (SAYS_NOTHING, "false")])
async def test_some_turned_pages_leave_the_old_rows_for_seconds_and_some_of_them_say_nothing(
    desk: DeskMaker, seed: int, busy: str
) -> None:
    old, (ms, said, first) = await turned(await signed_in(desk, seed=seed, lingers=True))
    assert 1_000 <= ms <= 3_000
    assert (said, first) == (busy, old)


async def test_a_jump_that_takes_seconds_says_so(desk: DeskMaker) -> None:
    old, (ms, said, first) = await turned(await signed_in(desk, seed=SAYS_NOTHING, lingers=True), jump=True)
    assert ms >= 1_000
    assert (said, first) == ("true", old)


async def test_where_rows_do_not_linger_a_page_is_turned_at_once(desk: DeskMaker) -> None:
    _, (ms, said, _) = await turned(await signed_in(desk, seed=SAYS_NOTHING))
    assert ms < 1_000
    assert said == "true"


async def test_pager_walks_to_the_last_row(desk: DeskMaker) -> None:
    person = await signed_in(desk)
    page = person.page
    await page.goto(f"{person.url}{LIST}")
    await expect(page.get_by_text("共 36 条")).to_be_visible()
    await page.get_by_role("button", name="下一页").click()
    await expect(page.get_by_role("row")).to_have_count(17)
    await expect(page.get_by_role("button", name="2", exact=True)).to_have_attribute("aria-current", "page")


async def test_selects_are_drawn_at_the_end_of_body_and_filter_the_list(desk: DeskMaker) -> None:
    person = await signed_in(desk)
    page = person.page
    await page.goto(f"{person.url}{LIST}")
    assert await page.locator("select").count() == 0
    await page.get_by_role("combobox", name="售后类型").click()
    assert await page.evaluate("document.body.lastElementChild.getAttribute('role')") == "listbox"
    await page.get_by_role("option", name="换货").click()
    await expect(page.get_by_text("共 1 条")).to_be_visible()
    await expect(page.get_by_role("row").nth(1)).to_contain_text(small.EXCHANGE)


async def test_framed_list_works_inside_its_frame(desk: DeskMaker) -> None:
    person = await signed_in(desk, framed=True)
    await person.page.goto(f"{person.url}{LIST}")
    frame = person.page.frame_locator("iframe")
    await expect(frame.get_by_text("共 36 条")).to_be_visible()
    async with person.page.expect_popup() as popup:
        await frame.get_by_role("link", name="查看详情").first.click()
    await expect((await popup.value).get_by_role("heading", name="售后信息")).to_be_visible()


async def test_refusal_goes_back_for_evidence_at_the_second_prompt(desk: DeskMaker) -> None:
    person = await signed_in(desk)
    page = person.page
    await person.open_case(small.SIGNED)
    await page.get_by_role("button", name="拒绝退款申请").click()
    await page.get_by_role("combobox", name="拒绝原因").click()
    await page.get_by_role("option", name="物流显示已签收").click()
    await page.get_by_label("拒绝说明").fill("物流显示已由本人签收")
    await page.get_by_role("button", name="拒绝申请").click()
    await page.get_by_role("button", name="去举证").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="上传凭证").click()
    await (await chooser.value).set_files({"name": "p.png", "mimeType": "image/png", "buffer": png()})
    await expect(page.get_by_text("已上传 1/3")).to_be_visible()
    await page.get_by_role("button", name="拒绝申请").click()
    await page.wait_for_url("**/detail?*")
    await expect(page.get_by_role("definition").filter(has_text="待买家处理")).to_be_visible()
    assert len(person.world.store.effects.all[-1].evidence) == 1


async def test_refusal_can_go_on_without_evidence(desk: DeskMaker) -> None:
    person = await signed_in(desk)
    page = person.page
    await person.open_refusal(small.SIGNED)
    await page.get_by_role("combobox", name="拒绝原因").click()
    await page.get_by_role("option", name="其他").click()
    await page.get_by_label("拒绝说明").fill("请联系客服")
    await page.get_by_role("button", name="拒绝申请").click()
    await page.get_by_role("button", name="继续拒绝").click()
    await page.wait_for_url("**/detail?*")
    assert await state_of(person, small.SIGNED) is CaseState.SELLER_REFUSED


async def test_refusal_page_says_what_is_missing_and_sends_nothing(desk: DeskMaker) -> None:
    person = await signed_in(desk)
    await person.open_refusal(small.SIGNED)
    await person.page.get_by_role("button", name="拒绝申请").click()
    await expect(person.page.get_by_role("alert").filter(visible=True)).to_have_text("请选择拒绝原因")
    await person.page.get_by_role("button", name="查看示例").click()
    await expect(person.page.get_by_role("dialog", name="查看示例")).to_contain_text("签收城市")
    assert person.posts["/h5api/dispute/refuse"] == 0


async def test_intercept_in_two_steps(desk: DeskMaker) -> None:
    person = await signed_in(desk)
    page = person.page
    await person.open_case(small.IN_TRANSIT)
    await page.get_by_role("button", name="拦截快递").click()
    dialog = page.get_by_role("dialog", name="拦截快递")
    await expect(dialog.get_by_role("button", name="确认拦截")).to_have_count(0)
    await dialog.get_by_role("button", name="查询").click()
    await expect(dialog).to_contain_text("¥8.00")
    await dialog.get_by_role("button", name="确认拦截").click()
    await expect(page.get_by_text("商家发起快递拦截")).to_be_visible()
    parcel = person.world.store.parcels["YT1000002"]
    assert parcel.intercept is not None


@pytest.mark.parametrize("seed", [ADDRESS_CHOSEN, ADDRESS_OPEN])
async def test_agree_return_needs_an_address_preselected_or_not(desk: DeskMaker, seed: int) -> None:
    person = await signed_in(desk, seed=seed)
    page = person.page
    await person.open_case(small.RETURN_ASKED)
    await page.get_by_role("button", name="同意退货").click()
    combo = page.get_by_role("combobox", name="退货地址")
    if seed == ADDRESS_OPEN:
        await page.get_by_role("button", name="确认同意退货").click()
        await expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("请选择退货地址")
        await combo.click()
        await page.get_by_role("option", name="广东省").click()
    await expect(combo).to_contain_text("广东省" if seed == ADDRESS_OPEN else "浙江省")
    await page.get_by_role("button", name="确认同意退货").click()
    await expect(page.get_by_role("definition").filter(has_text="待买家退货")).to_be_visible()


async def test_remark_is_saved_with_its_flag(desk: DeskMaker) -> None:
    person = await signed_in(desk)
    page = person.page
    await person.open_case(small.FINISHED)
    await page.get_by_role("button", name="备注").click()
    await page.get_by_placeholder("请输入备注内容").fill("已电话沟通")
    await page.get_by_role("radio", name="绿色").click()
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("cell", name="已电话沟通")).to_be_visible()
    assert person.world.store.cases[small.FINISHED].remarks[0].flag == "green"


async def test_large_sum_asks_for_a_code_in_the_dialog(desk: DeskMaker) -> None:
    person = await signed_in(desk, seed=NO_NOTICE)
    page = person.page
    await person.open_case(small.LARGE)
    await page.get_by_role("button", name="同意退款", exact=True).click()
    dialog = page.get_by_role("dialog", name="同意退款", exact=True)
    await dialog.get_by_role("button", name="同意退款").click()
    await expect(dialog.get_by_role("alert")).to_have_text("退款金额较大，请输入短信验证码")
    await dialog.get_by_label("短信验证码").fill(person.world.store.sms_codes[small.LARGE])
    await dialog.get_by_role("button", name="同意退款").click()
    await expect(page.get_by_role("definition").filter(has_text="退款成功")).to_be_visible()


async def test_refused_right_is_said_in_the_dialog_and_nothing_moves(desk: DeskMaker) -> None:
    person = await signed_in(desk, seed=NO_NOTICE, rights=frozenset())
    await person.open_case(small.UNSHIPPED)
    await person.page.get_by_role("button", name="同意退款", exact=True).click()
    dialog = person.page.get_by_role("dialog", name="同意退款", exact=True)
    await dialog.get_by_role("button", name="同意退款").click()
    await expect(dialog.get_by_role("alert")).to_have_text("无权限，请去申请权限")


async def test_toast_of_success_is_gone_soon(desk: DeskMaker) -> None:
    person = await signed_in(desk)
    page = person.page
    await page.clock.install(time=OPENED)
    await page.goto(f"{person.url}{LIST}")
    await expect(page.get_by_role("table")).to_have_attribute("aria-busy", "false")
    await page.clock.pause_at(HELD)
    await page.get_by_role("button", name="批量同意退款").click()
    toast = page.get_by_text("请先勾选需要处理的售后单")
    await expect(toast).to_be_visible()
    await page.clock.run_for(2_400)
    await expect(toast).to_be_visible()
    await page.clock.run_for(200)
    await expect(toast).to_have_count(0)


async def test_batch_button_leads_to_the_bulk_page(desk: DeskMaker) -> None:
    person = await signed_in(desk)
    await person.open_case(small.UNSHIPPED)
    await person.page.get_by_role("button", name="批量同意退款").click()
    await person.page.wait_for_url(f"**/batch?disputeId={small.UNSHIPPED}")
    assert person.posts["/h5api/dispute/batchAgree"] == 0


async def test_double_bound_handler_sends_two_requests_for_one_click(desk: DeskMaker) -> None:
    person = await signed_in(desk, seed=NO_NOTICE, kinds=frozenset({"double_bound_handler"}))
    await person.open_case(small.UNSHIPPED)
    await person.page.get_by_role("button", name="同意退款", exact=True).click()
    await person.page.get_by_role("dialog").get_by_role("button", name="同意退款").click()
    await expect(person.page.get_by_role("definition").filter(has_text="退款成功")).to_be_visible()
    assert person.posts["/h5api/dispute/agree"] == 2
    assert len(person.world.store.effects.all) == 1


async def test_hostile_text_never_runs_and_never_widens_the_page(desk: DeskMaker) -> None:
    person = await signed_in(desk)
    boxes: list[Dialog] = []
    person.page.on("dialog", lambda box: boxes.append(box))  # noqa: PLW0108 - Playwright marks the function it gets
    for path in (f"{LIST}/detail?disputeId={small.HOSTILE}", LIST):
        await person.page.goto(person.url + path)
        await expect(person.page.get_by_text(small.HOSTILE).first).to_be_visible()
        assert await person.page.evaluate("window.hacked === undefined")
        assert await person.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert (boxes, person.errors) == ([], [])


async def test_person_drags_the_slider(desk: DeskMaker) -> None:
    person = await desk(challenge=Challenge.SLIDER)
    await person.sign_in()
    knob = person.page.get_by_role("slider")
    box = await knob.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for way in (60, 400):  # the first stops half-way and springs back
        await person.page.mouse.move(x, y)
        await person.page.mouse.down()
        await person.page.mouse.move(x + way, y, steps=8)
        await person.page.mouse.up()
    await person.page.wait_for_url("**/home")


async def test_person_types_the_code_from_the_phone(desk: DeskMaker) -> None:
    person = await desk(challenge=Challenge.SMS)
    await person.sign_in()
    await person.page.get_by_role("button", name="发送验证码").click()
    await expect(person.page.get_by_text("验证码已发送")).to_be_visible()
    await person.page.get_by_label("短信验证码").fill(person.world.accounts.phone()[0]["code"])
    await person.page.get_by_role("button", name="确定").click()
    await person.page.wait_for_url("**/home")


async def test_lost_session_leads_back_after_sign_in(desk: DeskMaker) -> None:
    person = await signed_in(desk)
    await person.open_case(small.UNSHIPPED)
    person.world.accounts.lose_all()
    await person.page.get_by_role("button", name="备注").click()
    await person.page.get_by_placeholder("请输入备注内容").fill("x")
    await person.page.get_by_role("button", name="保存").click()
    await person.page.wait_for_url(re.compile(r"/login\?redirect="))
    await person.page.get_by_label("账号").fill("shanye:ops")
    await person.page.get_by_label("密码").fill("secret-1")
    await person.page.get_by_role("button", name="登录").click()
    await person.page.wait_for_url(f"**/detail?disputeId={small.UNSHIPPED}")


async def test_courier_portal_tells_the_newest_and_knows_what_it_does_not_know(desk: DeskMaker) -> None:
    person = await desk.courier()
    page = person.page
    await page.goto(f"{person.url}/track?nos=YT1000002,NOPE")
    await page.get_by_label("账号").fill("courier-ops")
    await page.get_by_label("密码").fill("secret-2")
    await page.get_by_role("button", name="登录").click()
    known = page.get_by_role("article").filter(has=page.get_by_role("heading", name="YT1000002"))
    await expect(known).to_contain_text("1.25kg")
    await expect(known.get_by_role("row").nth(1)).to_contain_text("武汉")
    await expect(page.get_by_role("article").filter(has_text="NOPE")).to_contain_text("查无此单")
