"""The Chinese sentences that the world itself produces: refusals of a request, negotiation lines, courier scans."""

from simulator.world.model import CaseState, CaseType, ComplaintScene, ComplaintState, InterceptState, ParcelState

SESSION_TEXT = "登录信息已失效，请重新登录"
CHALLENGE_TEXT = "亲，请完成安全验证"
WRONG_PASSWORD_TEXT = "账号名或登录密码不正确"  # noqa: S105 - a sentence
SMS_WRONG_TEXT = "短信验证码错误"
NOT_FOUND_TEXT = "售后单不存在"
NO_RIGHT_TEXT = "无权限，请去申请权限"
STATE_TEXT = "售后单状态已变更，请刷新页面"
VERSION_TEXT = "售后单已被修改，请刷新后重试"
AMOUNT_TEXT = "退款金额与申请金额不一致"
NEED_SMS_TEXT = "退款金额较大，请输入短信验证码"
NEED_PROOF_TEXT = "您未按要求提交凭证，平台介入后可能判定商家责任"
BARRED_TEXT = "当前售后不支持拒绝"
BAD_REASON_TEXT = "请选择拒绝原因"
BAD_MESSAGE_TEXT = "拒绝说明需为2-200个字"
BAD_PROOF_TEXT = "凭证不存在，请重新上传"
BAD_ADDRESS_TEXT = "请选择退货地址"
BAD_REMARK_TEXT = "备注需为1-300个字"
UPLOAD_TYPE_TEXT = "仅支持JPG、PNG、GIF格式的图片"
UPLOAD_SIZE_TEXT = "图片大小不能超过130000字节"
UPLOAD_COUNT_TEXT = "最多上传3张凭证"
RATE_TEXT = "操作太过频繁，请稍后再试"
NO_TOOL_TEXT = "当前店铺未开通售后协商工具"
BAD_PLAN_TEXT = "请选择协商方案"
BAD_OFFER_TEXT = "协商金额需大于0且不超过最高可协商金额"
BAD_OFFER_MESSAGE_TEXT = "给买家的说明不能超过200个字"
BAD_SCENE_TEXT = "请选择投诉场景"
BAD_COMPLAINT_TEXT = "投诉说明需为5-200个字"
NO_COMPLAINT_PROOF_TEXT = "请至少上传1张投诉凭证"
WAYBILL_TEXT = "运单号与当前包裹不一致"
FEE_TEXT = "拦截费用已变化，请重新查询"

NOT_CONTRACTED = "该快递公司未开通拦截服务"
NO_PARCEL = "暂无可拦截的包裹"
NOT_OURS = "非本网点客户所寄，不可拦截"
NO_SUCH_WAYBILL = "查无此单"
ALREADY_INTERCEPTED = "该运单已发起过拦截，不可重复拦截"
NOT_INTERCEPTABLE_IN = {
    ParcelState.NO_TRACE: "快件未揽收，暂不可拦截",
    ParcelState.DELIVERING: "快件派送中，不可拦截",
    ParcelState.SIGNED: "快件已签收，不可拦截",
    ParcelState.RETURNING: "快件退回中，无需拦截",
    ParcelState.RETURN_SIGNED: "快件已退回，无需拦截",
    ParcelState.REJECTED: "快件已拒收，无需拦截",
}
INTERCEPT_FAILED = "快件已到派送环节，拦截失败"

TYPE_NAMES = {
    CaseType.REFUND_UNSHIPPED: "仅退款（未发货）",
    CaseType.REFUND_SHIPPED: "仅退款（已发货）",
    CaseType.RETURN_REFUND: "退货退款",
    CaseType.EXCHANGE: "换货",
    CaseType.RESEND: "补寄",
    CaseType.REPAIR: "维修",
    CaseType.PRICE_PROTECTION: "价保退差",
    CaseType.PRICE_DIFFERENCE: "退差价",
}
STATE_NAMES = {
    CaseState.WAIT_SELLER: "待商家处理",
    CaseState.WAIT_SELLER_RECEIVE: "待商家收货",
    CaseState.WAIT_BUYER_RETURN: "待买家退货",
    CaseState.WAIT_BUYER_ANSWER: "待买家确认方案",
    CaseState.SELLER_REFUSED: "待买家处理",
    CaseState.PLATFORM: "平台介入处理中",
    CaseState.SUCCESS: "退款成功",
    CaseState.CLOSED: "已关闭",
}

# What the negotiation record says; the seller's lines name the act, the platform's lines name the rule.
SAID_APPLIED = "买家发起了{type}申请，申请金额：¥{amount}，原因：{reason}，说明：{words}"
SAID_AGREED = "商家同意退款，退款金额：¥{amount}"
SAID_RECEIVED = "商家确认收货并同意退款，退款金额：¥{amount}"
SAID_RETURN = "商家同意退货，退货地址：{address}。{message}"
SAID_SERVICE = "商家同意了买家的申请"
SAID_REFUSED = "商家拒绝了申请，原因：{reason}，说明：{message}"
SAID_INTERCEPT = "商家发起快递拦截，运单号：{waybill}，费用：¥{fee}"
SAID_INTERCEPT_STEP = {
    InterceptState.ACCEPTED: "快递拦截已登记，运单号：{waybill}",
    InterceptState.INTERCEPTING: "快递拦截中，运单号：{waybill}",
    InterceptState.RETURNING: "快递拦截成功，包裹退回中，运单号：{waybill}",
    InterceptState.RETURNED_SIGNED: "包裹已退回并签收，运单号：{waybill}",
    InterceptState.FAILED: "快递拦截失败：{reason}，运单号：{waybill}",
}
SAID_SHIPPED_BACK = "买家已退货，物流公司：{courier}，运单号：{waybill}"
SAID_WITHDRAWN = "买家撤销了申请"
SAID_EDITED = "买家修改了申请，申请金额：¥{amount}，原因：{reason}"
SAID_RETYPED = "买家修改了申请，售后类型：{type}，申请金额：¥{amount}，原因：{reason}"
SAID_REAPPLIED = "买家修改并重新提交了申请，申请金额：¥{amount}，原因：{reason}，说明：{words}"
SAID_TIMEOUT_REFUND = "商家超时未处理，系统自动退款，退款金额：¥{amount}"
SAID_TIMEOUT_RETURN = "商家超时未处理，系统自动同意退货"
SAID_TIMEOUT_SERVICE = "商家超时未处理，系统自动同意申请"
SAID_TIMEOUT_CLOSE = "买家超时未处理，系统自动关闭售后"
SAID_INTERVENED = "买家申请平台介入"
SAID_RULED_REFUND = "平台判定支持买家，退款金额：¥{amount}"
SAID_RULED_CLOSE = "平台判定支持商家，售后关闭"

SAID_OFFER = "商家发起协商：{plan}，协商金额：¥{amount}。{message}"
SAID_OFFER_ACCEPTED = "买家接受了协商方案，退款金额：¥{amount}"
SAID_OFFER_DECLINED = "买家拒绝了协商方案"
SAID_OFFER_LAPSED = "买家超时未确认，协商方案已失效"
SAID_COMPLAINED = "商家发起异常退款投诉，场景：{scene}，说明：{message}"
SAID_COMPLAINT_RULED = {
    ComplaintState.UPHELD: "平台判定异常退款投诉成立，本单不计入店铺体验分",
    ComplaintState.REJECTED: "平台判定异常退款投诉不成立",
}
SCENE_NAMES = {
    ComplaintScene.FALSE_RETURN: "虚假退货",
    ComplaintScene.SHORT_RETURN: "退货少件",
    ComplaintScene.REFUND_WITHOUT_RETURN: "恶意不退货退款",
    ComplaintScene.FALSE_PROOF: "虚假凭证",
    ComplaintScene.FREIGHT_INSURANCE: "骗运费险",
}
"""The five scenarios in the seed's own words (domain.md 4)."""

# Plans of 售后协商工具 by scene, (id, words). The seed says that there are several, not which (domain.md 28).
PLANS_KEPT = (("KEEP", "部分退款，商品留用"), ("FLAW", "按瑕疵折价退款"))
PLANS_ON_THE_WAY = (("DELAY", "延误补偿，继续派送"),)
PLANS_RETURNED = (("WORN", "按退回实际情况折价退款"),)
PLAN_NAMES = dict((*PLANS_KEPT, *PLANS_ON_THE_WAY, *PLANS_RETURNED))

REFUND_KIND, DIFFERENCE_KIND, SMALL_PAYMENT_KIND = "退款", "退差价", "小额打款"

# Refusal reasons by situation: (id, words). Source: docs/simulator.md, refusal page.
REASONS_SIGNED = (("SIGNED", "物流显示已签收"), ("AGREED", "与买家协商一致"), ("OTHER", "其他"))
REASONS_TRANSIT = (("TRANSIT", "商品已在途"), ("OTHER", "其他"))
REASONS_RECEIPT = (
    ("EMPTY", "退货空包或少件"),
    ("DAMAGED", "退回商品影响二次销售"),
    ("NOT_ARRIVED", "未收到退货"),
    ("OTHER", "其他"),
)
REASONS_GENERAL = (("AGREED", "与买家协商一致"), ("OTHER", "其他"))
FACTS_SIGNED = ("运单号", "签收时间", "签收人", "签收城市")
FACTS_TRANSIT = ("运单号", "最新轨迹时间", "当前所在城市")
FACTS_RECEIPT = ("退货运单号", "包裹称重", "实收件数", "开箱画面")
FACTS_GENERAL = ("协商时间", "双方约定内容")

WORDS_AGAIN = (
    "我再提交一次，请重新核实",
    "麻烦换个人处理一下",
    "和快递确认过了，请再看看",
    "金额可以少一点，请尽快退款",
)
"""What buyers write who apply again after a refusal."""

NO_REASON_REASON = "7天无理由退换货"
GAME_TAG, NO_SEVEN_DAYS_TAG, SEVEN_DAYS_TAG = "网络游戏", "不支持7天无理由", "7天无理由"
KEEP_GOODS_TAG = "退款不退货"

SCAN_TEXTS = {
    ParcelState.PICKED_UP: "【{city}】您的快件已由{city}营业部揽收",
    ParcelState.IN_TRANSIT: "【{city}】快件离开{city}转运中心，发往下一站",
    ParcelState.DELIVERING: "【{city}】快件正在派送中，派件员会与您联系",
    ParcelState.SIGNED: "【{city}】您的快件已签收，签收人：{signer}",
    ParcelState.RETURNING: "【{city}】快件退回中，正发往寄件地",
    ParcelState.RETURN_SIGNED: "【{city}】退件已签收，签收人：{signer}",
    ParcelState.REJECTED: "【{city}】收件人拒收，快件将退回寄件地",
    ParcelState.NO_TRACE: "",
}
WAREHOUSE_SIGNER = "商家仓库"


def yuan(fen: int) -> str:
    """Fen as the sentences print them: 129900 -> 1,299.00."""
    return f"{fen // 100:,}.{fen % 100:02d}"
