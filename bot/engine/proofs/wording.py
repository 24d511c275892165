"""The Chinese words that proofs are written in, whoever drew them: courier portals, apps, labels, a warehouse's page."""

from __future__ import annotations

import re
from typing import Final

WAYBILL_LABEL: Final = re.compile(
    r"(?:运单|快递单|物流单|快件单|退货单|退件单|面单|邮件)(?:编)?号码?|(?<![订售后款易工])单号"
)
OTHER_LABEL: Final = re.compile(r"订单|售后|退款|交易|流水|支付|电话|手机|工单|编码|货号|条码")
"""What stands before a long number that is no waybill."""

WEIGHT_LABEL: Final = re.compile(r"重量|称重|实重|净重|毛重")
LOOSE_WEIGHT: Final = re.compile(r"计费|收费|结算|商品|标准|应约|预估|限重|体积")
"""Weights that are reckoned, not weighed: they need not agree."""

COUNT_LABEL: Final = re.compile(r"实收(?:件数|数量)?|清点(?:件数|数量)?|实点(?:件数|数量)?")

SIGNED: Final = re.compile(
    r"(?:已|本人|家人|他人|代)签收|签收成功|签收人[:：]?(?=[^无—\-:：非不未待暂请需须])|已妥投|已取件"
)
NOT_SIGNED: Final = re.compile(
    r"退件(?:已|本人|家人|他人|代)?签收(?:[,，]签收人)?|拒签|拒收|签收失败|未妥投"
    r"|(?:非|不[是能可便]|未|没|无法|(?<![招接])待|(?<!申)请|需|须|要求)[^,，。;；!！?？|:：已签]{0,10}签收(?!人)"
    r"|(?:如|若|是否)(?:您|果|是|由)?(?:已|本人|家人|他人|代)签收"
)
"""What is cut out before a signature is sought: it was none, or is still asked for, to the next stop or 已."""
SIGNED_BY_ANOTHER: Final = re.compile(r"(?:非|不是)(?:收件人)?本人(?:已|代)?签收|签收人[:：]?(?:非|不是)")
"""Signed for, but says itself that it was not by the buyer."""
ON_THE_WAY: Final = re.compile(r"运输|派送|派件|揽收|转运|发往|离开|到达")
STAGES: Final = ("揽收", "运输", "派", "签收")
"""A row that shows three of them at once is a picture of the road, told or still to come: no scan."""

CITY_MARK: Final = "市"
CITY: Final = re.compile(r"[\u4e00-\u9fff]{2}(?<!超)市")
SENT_FROM: Final = re.compile(r"(?:寄件|寄出|发件|发货|始发|出发)[^收签到]*$")
"""What stands before a place that a parcel came from."""

WEIGHT: Final = re.compile(
    r"(?<![0-9.])(?<![0-9][,'、])(\d{1,3}(?:,\d{3})+(?:\.\d{1,4})?|\d{1,6}(?:\.\d{1,4})?)(kg|g|千克|公斤|克|斤)(?![a-z])",
    re.IGNORECASE,
)
GRAMS: Final = {"kg": 1000, "千克": 1000, "公斤": 1000, "斤": 500, "克": 1, "g": 1}

MOMENT: Final = re.compile(r"(20\d\d)[-/.](\d\d)[-/.](\d\d)\s*(\d\d):(\d\d)")
MOMENT_LOOSE: Final = re.compile(
    r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d)日?(?:\s+(\d{1,2}):(\d\d)|(?<=日)(\d{1,2}):(\d\d))?(?!\d*:)"
)
MOMENT_YEARLESS: Final = re.compile(r"(?<![\d\-/.])(\d\d)[-/月](\d\d)日?\s*(\d\d):(\d\d)")
"""Three ways to write a moment; a reader may lose the blank between day and hour, and then only six digits in pairs are clear."""

CLOCK: Final = re.compile(r"20\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}:\d\d(?::\d\d)?")
"""What is cut out before numbers are sought."""
