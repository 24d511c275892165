"""Addresses of pictures, and the little drawings of goods that stand in for photographs."""

from __future__ import annotations

import hashlib
from typing import Final

_PALETTES: Final = (
    ("#ffe7d9", "#ff7a3d"), ("#e2ecff", "#3f74e8"), ("#e3f6ea", "#23a35b"), ("#fdeaf3", "#e0559a"),
    ("#fff4d6", "#d99a10"), ("#ece8ff", "#7a5af0"),
)  # fmt: skip
_SHAPES: Final = {
    "衣": "M18 20l8-6h12l8 6-5 8-4-3v25H27V25l-4 3z",
    "裤": "M20 12h24l3 40H36l-4-24-4 24H17z",
    "壶": "M22 26h20v22H22zM42 30h6v10h-6M22 32l-8-6M28 26v-5h8v5",
    "鞋": "M12 38V26l8 2 12 9 16 3v6H12z",
    "杯": "M20 16h22v30H20zM42 22h8v14h-8",
    "机": "M22 10h20v44H22zM29 48h6",
    "书": "M14 16h16l2 3 2-3h16v30H34l-2 3-2-3H14z",
    "包": "M14 24h36v26H14zM24 24v-6h16v6",
    "灯": "M22 12h20l6 18H16zM32 30v18M22 50h20",
    "瓶": "M27 10h10v8l5 8v26H22V26l5-8z",
    "盒": "M12 22l20-9 20 9v22l-20 9-20-9zM12 22l20 9 20-9M32 31v22",
}
_HINTS: Final = {
    "裤": "裤", "壶": "壶锅", "衣": "衫衣裙袜服外T", "鞋": "鞋靴", "杯": "杯碗盘", "机": "机屏电器键鼠充", "书": "书本册卡", "包": "包箱袋",
    "灯": "灯风扇", "瓶": "霜水油乳露瓶酒膏", "盒": "",
}  # fmt: skip
GOODS_PICTURES: Final = tuple((shape, palette) for shape in _SHAPES for palette in range(len(_PALETTES)))


def picture_path(sha: str) -> str:
    """Where a buyer's picture or an uploaded proof is served."""
    return f"/img/{sha}.png"


def goods_picture(title: str) -> str:
    """Where the drawing for goods of this title is served; few drawings, so that browsers keep them."""
    shape = next((name for name, signs in _HINTS.items() if any(sign in title for sign in signs)), "盒")
    palette = hashlib.sha256(title.encode("utf-8", "surrogatepass")).digest()[0] % len(_PALETTES)
    return f"/img/goods/{GOODS_PICTURES.index((shape, palette))}.svg"


def goods_svg(number: int) -> bytes:
    """Draw one of the goods pictures; raises IndexError for an unknown number."""
    shape, palette = GOODS_PICTURES[number]
    paper, ink = _PALETTES[palette]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="{paper}"/>'
        f'<path d="{_SHAPES[shape]}" fill="#fff" stroke="{ink}" stroke-width="2.5" stroke-linejoin="round"/></svg>'
    ).encode()
