"""The back end's pages as recordings are read: which kinds there are, and with which of the desks' parsers (recordings/README.md)."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from bot.browser.read import PageData
from bot.domain.case import Snapshot
from bot.domain.courier import InterceptQuote
from bot.errors import TargetMissing
from bot.recordings import Meta, PageKind, PlatformPages
from flows.taobao import wording
from flows.taobao.complaint import ComplaintForm
from flows.taobao.detail import parse_snapshot
from flows.taobao.evidence import Place, RefusalForm, proofs_held
from flows.taobao.firing import named
from flows.taobao.intercept import parse_quote
from flows.taobao.list_page import chosen_tabs, parse_list
from flows.taobao.listing import Harvest
from flows.taobao.parse import check_shop, shop_name


def _list(page: PageData, meta: Meta) -> dict[str, object]:
    """Counts and order, a field for each row that can be read, and the raw text of those that cannot."""
    check_shop(page, meta.shop_name)
    tabs = chosen_tabs(page)
    found, harvest = parse_list(page, "".join(tabs), meta.at), Harvest()
    order = harvest.keep(meta.shop, found.rows, meta.at)
    rows = {f"row {number}": row for number, row in harvest.rows.items()}
    counts = {"total": found.total, "counted": found.counted, "has_next": found.has_next}
    return {
        "tabs": tabs,
        **counts,
        "order": order,
        "unreadable": {key: row.raw for key, row in harvest.unreadable.items()},
        **rows,
    }


def _detail(page: PageData, meta: Meta) -> Snapshot:
    return parse_snapshot(meta.case, meta.shop_name, page, meta.at)


def _form(place: Place) -> Callable[[PageData, Meta], dict[str, object]]:
    """A form that takes proofs, as it stands before it is filled in."""

    def read(page: PageData, meta: Meta) -> dict[str, object]:
        check_shop(page, meta.shop_name)
        block = page.section(place.section)
        place.expect_open(block, meta.case, page.url)
        number, amount = named(block)
        choices = {choice.label: choice.value for choice in block.choices}
        return {"aftersale_id": number, "amount": amount, "choices": choices, "proofs": proofs_held(block)}

    return read


def _quote(page: PageData, meta: Meta) -> InterceptQuote:
    check_shop(page, meta.shop_name)
    dialogs = [one for one in page.dialogs if one.title == wording.INTERCEPT_DIALOG]
    if len(dialogs) != 1:
        raise TargetMissing(
            f"{len(dialogs)} dialogs {wording.INTERCEPT_DIALOG}", target="intercept.quote", page=page.url
        )
    return parse_quote(dialogs[0])


_KINDS: Final = MappingProxyType(
    {
        "list": PageKind(_list, ("list",)),
        "detail": PageKind(_detail, ("detail", "overlay")),
        "refuse": PageKind(_form(RefusalForm.place), ("refuse",)),
        "complain": PageKind(_form(ComplaintForm.place), ("complain",)),
        "intercept": PageKind(_quote, ("intercept",)),
    }
)
PAGES: Final = PlatformPages(_KINDS, shop_name)
