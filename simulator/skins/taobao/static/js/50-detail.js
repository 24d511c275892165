// The detail page's buttons and what their dialogs send.
const claim = () => ({ disputeId: page.disputeId, amount: page.amount, version: page.version });

async function agree(dialog, button) {
  const sms = one("[data-sms]", dialog.veil);
  const code = one("input", sms).value.trim();
  const reply = await submit(dialog, button, "/h5api/dispute/agree", code ? { ...claim(), smsCode: code } : claim());
  if (reply.ret === "NEED_SMS") sms.hidden = false;
}

const agreeReturn = (dialog, button) => {
  const addressId = comboValue("address", dialog.veil);
  if (!addressId) return problem(dialog.alert, "请选择退货地址");
  const message = one("textarea", dialog.veil).value;
  return submit(dialog, button, "/h5api/dispute/agreeReturn", { ...claim(), addressId, message });
};

const confirmReceipt = (dialog, button) => submit(dialog, button, "/h5api/dispute/confirmReceipt", claim());
const agreeService = (dialog, button) => submit(dialog, button, "/h5api/dispute/agreeService", claim());

function remark(dialog, button) {
  const text = one("textarea", dialog.veil).value.trim();
  if (!text) return problem(dialog.alert, "请输入备注内容");
  const flag = one('[data-flag][aria-checked="true"]', dialog.veil).dataset.flag;
  return submit(dialog, button, "/h5api/dispute/remark", { disputeId: page.disputeId, text, flag });
}

function showQuote(dialog, quote) {
  const facts = make("dl", cls("facts"));
  const rows = [
    ["运单号", quote.waybill || "—"],
    ["是否可拦截", quote.feasible ? "可拦截" : "不可拦截"],
    ["拦截费用", quote.feeText],
    ["不可拦截原因", quote.reason || "无"],
    ["同包裹其他商品", quote.otherGoods.join("，") || "无"],
  ];
  rows.forEach(([label, value]) => facts.append(make("dt", "", label), make("dd", "", value)));
  one("[data-quote]", dialog.veil).replaceChildren(facts);
}

async function quoteIntercept(dialog, button) {
  button.disabled = true;
  const reply = await post("/h5api/dispute/interceptQuote", { disputeId: page.disputeId, version: page.version });
  button.disabled = false;
  if (reply.ret !== "SUCCESS") return problem(dialog.alert, reply.msg);
  problem(dialog.alert, "");
  showQuote(dialog, reply.data);
  if (reply.data.feasible) offerIntercept(dialog, button, reply.data);
}

function offerIntercept(dialog, button, quote) {
  const commit = make("button", cls("btn primary"), "确认拦截");
  commit.type = "button";
  const body = { disputeId: page.disputeId, version: page.version, waybill: quote.waybill, fee: quote.fee };
  onPress(commit, () => submit(dialog, commit, "/h5api/dispute/intercept", body));
  button.replaceWith(commit);
}

function openAgree() {
  if (page.notice === "beneath") openDialog("notice");
  openDialog("agree", { agree });
  if (page.notice === "above") openDialog("notice");
}

function openRemark() {
  const dialog = openDialog("remark", { remark });
  const flags = all("[data-flag]", dialog.veil);
  flags.forEach((flag) =>
    flag.addEventListener("click", () => flags.forEach((other) => other.setAttribute("aria-checked", String(other === flag)))),
  );
}

// 「12.5」 or 「12.50」 as fen; null for anything else.
function fenOf(text) {
  const found = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(text.trim());
  return found ? Number(found[1]) * 100 + Number((found[2] || "").padEnd(2, "0")) : null;
}

const yuanOf = (fen) => `¥${(fen / 100).toLocaleString("en-US", { minimumFractionDigits: 2 })}`;

function negotiate(dialog, button) {
  const plan = comboValue("plan", dialog.veil);
  const offer = fenOf(one("#offer-sum", dialog.veil).value);
  if (!plan) return problem(dialog.alert, "请选择协商方案");
  if (!offer) return problem(dialog.alert, "请输入正确的协商金额");
  const message = one("textarea", dialog.veil).value.trim();
  return submit(dialog, button, "/h5api/dispute/negotiate", { ...claim(), plan, offer, message });
}

function openNegotiate() {
  const dialog = openDialog("negotiate", { negotiate });
  const sum = one("#offer-sum", dialog.veil);
  sum.addEventListener("input", () => {
    const fen = fenOf(sum.value);
    one("[data-offer]", dialog.veil).textContent = fen === null ? "—" : yuanOf(fen);
  });
}

const OPENERS = {
  agree: openAgree,
  agree_return: () => openDialog("agree_return", { agree_return: agreeReturn }),
  confirm_receipt: () => openDialog("confirm_receipt", { confirm_receipt: confirmReceipt }),
  agree_service: () => openDialog("agree_service", { agree_service: agreeService }),
  intercept: () => openDialog("intercept", { quote: quoteIntercept }),
  remark: openRemark,
  negotiate: openNegotiate,
};

function startDetail() {
  all("[data-open]").forEach((button) => button.addEventListener("click", OPENERS[button.dataset.open]));
  all("[data-href]").forEach((button) => button.addEventListener("click", () => (location.href = button.dataset.href)));
}

function startBatch() {
  const button = one("[data-batch-agree]");
  button.addEventListener("click", async () => {
    button.disabled = true;
    const reply = await post("/h5api/dispute/batchAgree", { items: page.items });
    button.disabled = false;
    if (reply.ret === "SUCCESS") toast("操作成功", true);
    else problem(one("[data-page-problem]"), reply.msg);
  });
}
