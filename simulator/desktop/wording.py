"""Every word of the courier's desktop client (docs/simulator.md, "Desktop client")."""

from __future__ import annotations

from typing import Final

TITLE: Final = "天行快递 · 网点客户端"
BRAND: Final = "天行快递"
BRAND_SUB: Final = "网点客户端"
VERSION: Final = "V6.2.1"

ACCOUNT, PASSWORD, SIGN_IN = "账号", "密码", "登录"
SIGNED_IN: Final = "已登录：{account}"
SIGNED_OUT: Final = "未登录"
SIGN_IN_HEAD: Final = "网点账号登录"
WRONG_PASSWORD: Final = "账号或密码错误"  # noqa: S105 - a sentence
SESSION_LOST: Final = "登录已失效，请重新登录"

TAB_SEARCH, TAB_BOOK = "运单查询", "拦截管理"
NUMBER, SEARCH = "运单号", "查询"
NUMBER_IS: Final = "运单号：{waybill}"
STATE_IS: Final = "状态：{state}"
PICKUP_WEIGHT_IS: Final = "揽收重量：{weight}"
ARRIVAL_WEIGHT_IS: Final = "到站重量：{weight}"
INTERCEPT_IS: Final = "拦截状态：{state}"
TRAIL: Final = "物流轨迹"
TRAIL_HEAD: Final = ("时间", "城市", "状态", "说明")
INTERCEPT: Final = "拦截快递"
OBSTACLE: Final = "不可拦截：{reason}"
NO_NUMBER: Final = "请输入运单号"
NO_SUCH_WAYBILL: Final = "查无此单"
SEARCH_HINT: Final = "请输入运单号查询物流轨迹"
SIMILAR, LOOK = "相似运单", "查看"

FORM_HEAD: Final = "快件拦截申请"
REASON: Final = "拦截原因"
REASONS: Final = ("退款拦截", "地址错误", "其他")
ASK_FEE: Final = "查询费用"
FEE_IS: Final = "拦截费用：{fee}"
SUBMIT: Final = "提交拦截"
FORM_HINT: Final = "拦截申请提交后不可撤销，费用从网点账户扣除。"
SUBMITTED: Final = "已提交拦截申请：{waybill}"

CONFIRM_TITLE: Final = "拦截确认"
CONFIRM: Final = "确认拦截运单 {waybill}，费用 {fee}？"
YES, NO = "是", "否"

BOOK_HEAD: Final = ("运单号", "申请时间", "费用", "状态")
REFRESH, NEXT_PAGE, COPY = "刷新", "下一页", "复制运单号"
PAGE_IS: Final = "第 {page} / {pages} 页，共 {total} 条"
COPIED: Final = "已复制：{waybill}"
SELECT_FIRST: Final = "请先选择一行"
BANNER: Final = "运力提醒：部分线路受天气影响，时效延长 1 至 2 天"

READY, LOADING = "就绪", "加载中…"
NETWORK: Final = "网络异常"
SERVER_IS: Final = "服务器：{host}"

NEWS_TITLE: Final = "快递资讯"
NEWS: Final = (
    "年终旺季揽收时间调整通知",
    "关于规范面单打印的公告",
    "华东片区新增夜间班车",
    "网点对账单将于每月五日更新",
)
NEWS_CLOSE: Final = "关闭"
UPDATE_TITLE: Final = "发现新版本"
UPDATE: Final = "发现新版本 V6.2.2，请更新后继续使用。"
UPDATE_NOW, UPDATE_LATER = "立即更新", "稍后提醒"
UPDATED: Final = "更新完成，请重新登录"

NO_TKINTER: Final = (
    "tkinter is missing: on Debian `apt-get install python3-tk`, on Windows install Python with the Tcl/Tk option"
)
NO_DISPLAY: Final = "no screen to stand on ({error}): start it in a desktop session, or under `xvfb-run`"


def yuan(fen: int) -> str:
    """Fen as the client prints them: 800 -> ¥8.00."""
    return f"¥{fen // 100}.{fen % 100:02d}"
