"""The left menu of the back end: one working entry among the usual crowd."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MenuItem:
    """One entry; `shape` picks the little icon."""

    key: str
    text: str
    href: str
    shape: str = ""


@dataclass(frozen=True)
class MenuGroup:
    """Entries under a heading."""

    title: str
    entries: tuple[MenuItem, ...]


LIST_PATH = "/trade-platform/refund-list"

MENU = (
    MenuGroup("首页", (MenuItem("home", "工作台", "/home", "round"),)),
    MenuGroup(
        "交易",
        (
            MenuItem("sold", "已卖出的宝贝", "/home", "bar"),
            MenuItem("refunds", "退款管理", LIST_PATH),
            MenuItem("rates", "评价管理", "/home", "round"),
            MenuItem("waybills", "物流管理", "/home", "bar"),
        ),
    ),
    MenuGroup("商品", (MenuItem("publish", "发布宝贝", "/home"), MenuItem("goods", "我的宝贝", "/home", "bar"))),
    MenuGroup("营销", (MenuItem("tools", "营销工具", "/home", "round"), MenuItem("ads", "推广中心", "/home"))),
    MenuGroup("财务", (MenuItem("money", "账户资金", "/home", "bar"), MenuItem("bond", "保证金", "/home", "round"))),
    MenuGroup("店铺", (MenuItem("score", "体验分", "/home", "round"), MenuItem("staff", "子账号管理", "/home"))),
)
