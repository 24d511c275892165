"""The left menu of the back end: one working entry among the usual crowd."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MenuItem:
    """One entry; `icon` is drawn by the style sheet."""

    key: str
    text: str
    href: str
    icon: str


@dataclass(frozen=True)
class MenuGroup:
    """Entries under a heading."""

    title: str
    entries: tuple[MenuItem, ...]


LIST_PATH = "/trade-platform/refund-list"

MENU = (
    MenuGroup("首页", (MenuItem("home", "工作台", "/home", "home"),)),
    MenuGroup(
        "交易",
        (
            MenuItem("sold", "已卖出的宝贝", "/home", "orders"),
            MenuItem("refunds", "退款管理", LIST_PATH, "refund"),
            MenuItem("rates", "评价管理", "/home", "star"),
            MenuItem("waybills", "物流管理", "/home", "truck"),
        ),
    ),
    MenuGroup(
        "商品", (MenuItem("publish", "发布宝贝", "/home", "box"), MenuItem("goods", "我的宝贝", "/home", "orders"))
    ),
    MenuGroup("营销", (MenuItem("tools", "营销工具", "/home", "gift"), MenuItem("ads", "推广中心", "/home", "star"))),
    MenuGroup("财务", (MenuItem("money", "账户资金", "/home", "coin"), MenuItem("bond", "保证金", "/home", "box"))),
    MenuGroup(
        "店铺", (MenuItem("score", "体验分", "/home", "shop"), MenuItem("staff", "子账号管理", "/home", "people"))
    ),
)
