"""From a simulated world to `Snapshot` and trails without a browser: the skin's own view of its page, read by the flows' own parser.

The skin says what a page prints as plain values (`Section`s of `Pairs`, `Table`, `Talk`, `Note`), which its template draws one to
one. Here they become what `bot/browser/read_page.js` would have read off that page, and from there on everything is the
robot's own code. What could still drift is the template alone: `test_bridge.py` holds the result against a real browser.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import assert_never

from PIL import Image

from bot.browser.read import Block, Entry, Field, Grid, Note, PageData, Picture, Press
from bot.domain.case import Snapshot
from bot.domain.courier import Trail
from bot.domain.facts import Fact, Known, Source
from bot.domain.ids import CaseKey
from bot.domain.pictures import SIDE, picture_hash
from bot.engine.facts import waybills_of
from flows.courier.parse import parse_trails
from flows.taobao.detail import parse_snapshot
from simulator.courier.view import Waybill, waybill
from simulator.scenarios.build import Built
from simulator.skins.taobao import blocks
from simulator.skins.taobao.detail import DetailPages
from simulator.skins.taobao.kit import Kit
from simulator.world.accounts import Realm, Session
from simulator.world.evidence import picture_png
from simulator.world.model import Case
from simulator.world.model import Picture as Drawn

_SPACE = re.compile(r"[ \t\n\f]+")
_JS_WHITE = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What `String.prototype.trim` takes off."""

_OPERATIONS = "操作"


class Bridge:
    """Eyes on one world: what the shop's account would read of a case at this moment."""

    def __init__(self, built: Built) -> None:
        self._world = built.world
        self._pages = DetailPages(Kit(built.world, _NoFaults(), built.seed))
        self._sessions = {
            account.shop_id: built.world.sign_in(account.name, account.password) for account in built.world.accounts.all
        }

    def session(self, shop_id: str) -> Session:
        """The signed-in account of a shop."""
        return self._sessions[shop_id]

    def now(self) -> datetime:
        """The server's moment as its `Date` header gives it: whole seconds."""
        return self._world.now().replace(microsecond=0)

    def key(self, case: Case) -> CaseKey:
        """Who the case is for the robot."""
        platform = self._world.store.shops[case.shop_id].platform
        return CaseKey(platform=platform, shop_id=case.shop_id, aftersale_id=case.aftersale_id)

    def snapshot(self, case: Case) -> Snapshot:
        """The detail page as the robot reads it."""
        name = self._world.store.shops[case.shop_id].name
        page = parse_snapshot(self.key(case), name, self._detail(case, name), self.now())
        looks = tuple(look(picture) for picture in case.pictures)
        seen = Known[tuple[str, ...]](value=looks, source=Source.SHOP, seen_at=page.seen_at)
        return page.model_copy(update={"picture_hashes": seen})

    def trails(self, snapshot: Snapshot) -> Mapping[str, Fact[Trail]]:
        """The courier's word on both parcels of a case, from one page of the portal."""
        asked = waybills_of(snapshot)
        articles = tuple(_article(waybill(number, parcel)) for number, parcel in self._world.track(asked))
        page = PageData(url="/track", name="", header=(), body=Block(title=""), sections=articles)
        return parse_trails(asked, page, self.now())

    def _detail(self, case: Case, name: str) -> PageData:
        view = self._pages._view(case, self._sessions[case.shop_id], guided=True)
        presses = tuple(Press(name=clean(button.text), enabled=True) for button in view.buttons)
        sections = [_section(section) for section in (*view.left_column, *view.right_column)]
        return PageData(
            url="/detail",
            name="",
            header=(f"店铺：{name}",),
            body=Block(title=""),
            sections=(Block(title=_OPERATIONS, presses=presses), *sections),
        )


class _NoFaults:
    """Nothing ever goes wrong here."""

    def draw(self, kind: object) -> bool:
        return False


@lru_cache(maxsize=4096)
def look(picture: Drawn) -> str:
    """What a picture looks like, as `bot/browser/look_at.js` would see it."""
    with Image.open(io.BytesIO(picture_png(picture) or b"")) as drawn:
        grey = drawn.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    return picture_hash(list(grey.tobytes()))


def courier_session(built: Built) -> Session:
    """The portal's account, signed in."""
    account = built.world.accounts.courier
    return built.world.sign_in(account.name, account.password, Realm.COURIER)


# ---- from the skin's values to what read_page.js reads ------------------------------------------------------------


def clean(text: str) -> str:
    """`innerText` of ordinary text: white space collapsed, ends off."""
    if text.isprintable() and "  " not in text:
        return text.strip(" ")
    return _SPACE.sub(" ", _lines(text)).replace("\u00a0", " ").strip(_JS_WHITE)


def raw(text: str) -> str:
    """`innerText` where white space is kept (class `raw`)."""
    if text.isprintable():
        return text.strip(" ")
    return _lines(text).replace("\u00a0", " ").strip(_JS_WHITE)


def _lines(text: str) -> str:
    """Line ends as an HTML parser leaves them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _text(item: blocks.Item) -> str:
    if item.kind == "pictures":
        return ""
    return raw(item.text) if item.kind in {"raw", "goods"} else clean(item.text)


def _section(section: blocks.Section) -> Block:
    """One section; a heading holds for all that follows it, as on the page."""
    fields: list[Field] = []
    grids: list[Grid] = []
    entries: list[Entry] = []
    notes: list[Note] = []
    group = ""
    for block in section.blocks:
        group = block.heading or group
        match block:
            case blocks.Pairs():
                fields += [_field(item, group) for item in block.entries]
            case blocks.Table():
                grids.append(_grid(block, group))
                notes += [] if block.rows else [Note(group=group, text="无")]
            case blocks.Talk():
                entries += _talk(block, group)
            case blocks.Trail():
                entries += [Entry(group=group, time=at, who="", text=at) for at, _ in block.nodes]
            case blocks.Note():
                notes.append(Note(group=group, text=clean(block.text)))
            case _:
                assert_never(block)
    return Block(
        title=section.title, fields=tuple(fields), grids=tuple(grids), entries=tuple(entries), notes=tuple(notes)
    )


def _field(item: blocks.Item, group: str) -> Field:
    pictures = tuple(Picture(alt=f"凭证{place}", src=src) for place, src in enumerate(item.pictures, start=1))
    return Field(group=group, label=item.label, value=_text(item), pictures=pictures)


def _grid(table: blocks.Table, group: str) -> Grid:
    return Grid(group=group, head=table.head, rows=tuple(tuple(map(_text, row)) for row in table.rows))


def _talk(talk: blocks.Talk, group: str) -> Iterator[Entry]:
    for line in talk.lines:
        yield Entry(group=group, time=line.at, who=line.role, text=raw(line.text))


def _article(seen: Waybill) -> Block:
    if not seen.known:
        return Block(title=seen.number, notes=(Note(group="", text="查无此单"),))
    fields = tuple(Field(group="", label=label, value=clean(value)) for label, value in seen.facts)
    rows = tuple(tuple(map(clean, node)) for node in seen.nodes)
    return Block(
        title=seen.number, fields=fields, grids=(Grid(group="", head=("时间", "城市", "状态", "描述"), rows=rows),)
    )
