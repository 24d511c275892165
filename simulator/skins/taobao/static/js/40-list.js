// The refund list: rows by XHR; on a change the old rows stay for a while, as they do in the real one.
const query = { tab: "all", type: "", sort: "applied", keyword: "", page: 1 };
let pages = 1;
let asked = 0;
let lingered = 0;
const MOST_LINGERED = 3;

// Seeded lingering, in ms: a tab or filter change always, a page change now and then; a few page changes of a load take
// seconds (domain.md 3.1), and every other of those that the pager's own buttons make says nothing of it.
function linger(how) {
  const dice = Math.imul(page.seed * 31 + asked * 2654435761, 2246822519) >>> 0;
  if (how && page.lingers && lingered < MOST_LINGERED && (dice >>> 8) % 10 === 0) {
    lingered += 1;
    return { ms: 1000 + ((dice >>> 4) % 2001), busy: how === "jump" || (dice >>> 12) % 2 === 0 };
  }
  return { ms: how && dice % 8 ? dice % 30 : 150 + (dice % 451), busy: true };
}

function cell(row, text = "", classes = "") {
  const td = make("td", classes, text);
  row.append(td);
  return td;
}

function goodsCell(row, goods) {
  const box = make("div", cls("goods"));
  const img = make("img", cls("thumb"));
  img.src = goods.img;
  img.alt = "";
  img.loading = "lazy";
  const words = make("div", cls("grow"));
  words.append(make("div", cls("goods-name"), goods.title), make("div", cls("goods-spec"), goods.spec));
  box.append(img, words);
  cell(row).append(box);
}

const TONES = { orange: cls("tag orange"), blue: cls("tag blue"), green: cls("tag green"), red: cls("tag red"), gray: cls("tag gray") };

function drawRow(data) {
  const row = make("tr");
  const id = cell(row, "", cls("num"));
  const check = make("input", cls("check"));
  check.type = "checkbox";
  check.value = data.disputeId;
  check.setAttribute("aria-label", "选择");
  id.append(check, data.disputeId);
  cell(row, data.bizOrderId, cls("num"));
  goodsCell(row, data.goods);
  cell(row, data.type);
  cell(row).append(make("span", cls("money"), data.refundFee));
  cell(row).append(make("div", cls("clamp"), data.reason));
  cell(row, data.shipStatus);
  cell(row).append(make("span", TONES[data.status.tone], data.status.text));
  cell(row).append(make("span", cls("left-time"), data.timeLeft));
  cell(row, data.applyTime, cls("time"));
  const link = make("a", "", "查看详情");
  link.href = `${page.detail}?disputeId=${encodeURIComponent(data.disputeId)}`;
  link.target = "_blank";
  link.rel = "opener";
  cell(row).append(link);
  return row;
}

function pageButton(text, target, usable = true) {
  const button = make("button", cls("page-btn"), text);
  button.type = "button";
  button.setAttribute("aria-disabled", String(!usable));
  if (usable) button.addEventListener("click", () => load({ page: target }, "turn"));
  return button;
}

function drawPager(total) {
  const pager = one("[data-pager]");
  const near = [...new Set([1, query.page - 1, query.page, query.page + 1, pages])].filter((n) => n > 0 && n <= pages);
  const numbers = near.sort((a, b) => a - b).map((n) => {
    const button = pageButton(String(n), n);
    if (n === query.page) button.setAttribute("aria-current", "page");
    return button;
  });
  pager.replaceChildren(
    make("span", cls("pager-total"), `共 ${total} 条`),
    pageButton("上一页", query.page - 1, query.page > 1),
    ...numbers,
    pageButton("下一页", query.page + 1, query.page < pages),
    ...jumper(),
  );
}

function jumper() {
  const input = make("input", cls("field"));
  input.setAttribute("aria-label", "跳至页码");
  const go = make("button", cls("page-btn"), "确定");
  go.type = "button";
  go.addEventListener("click", () => {
    const wanted = Number.parseInt(input.value, 10);
    if (wanted >= 1 && wanted <= pages) load({ page: wanted }, "jump");
  });
  return [make("span", cls("muted"), "到第"), input, make("span", cls("muted"), "页"), go];
}

function draw(data) {
  one("[data-grid] tbody").replaceChildren(...data.rows.map(drawRow));
  one("[data-grid]").setAttribute("aria-busy", "false");
  one("[data-empty]").hidden = data.rows.length > 0;
  pages = data.pages;
  drawPager(data.total);
}

async function load(change, how = "") {
  Object.assign(query, { page: 1 }, change);
  const mine = ++asked;
  const wait = linger(how);
  if (wait.busy) one("[data-grid]").setAttribute("aria-busy", "true");
  const reply = await post("/h5api/dispute/list", query);
  if (mine !== asked) return;
  if (reply.ret !== "SUCCESS") {
    toast(reply.msg);
    return;
  }
  setTimeout(() => mine === asked && draw(reply.data), wait.ms);
}

async function loadCounters() {
  const reply = await post("/h5api/dispute/stat");
  if (reply.ret !== "SUCCESS") return;
  all("[data-counter]").forEach((card) => (one("b", card).textContent = reply.data[card.dataset.counter]));
}

function pickTab(tab) {
  all("[data-tab]").forEach((button) => button.setAttribute("aria-selected", String(button.dataset.tab === tab)));
  load({ tab });
}

function setSort(key) {
  const combo = one('[data-combo="sort"]');
  choose(combo, key, JSON.parse(combo.dataset.options).find((entry) => entry[0] === key)[1]);
}

const CARD_TABS = { within_24h: "wait_seller", pending: "wait_seller", to_receive: "wait_receive", to_prove: "platform", platform: "platform", refused: "wait_buyer", urged: "wait_seller" };

function goBatch() {
  const ids = all("[data-grid] input:checked").map((check) => `disputeId=${encodeURIComponent(check.value)}`);
  if (ids.length) top.location.href = `${page.detail.replace("/detail", "/batch")}?${ids.join("&")}`;
  else toast("请先勾选需要处理的售后单");
}

function startList() {
  all("[data-tab]").forEach((button) => button.addEventListener("click", () => pickTab(button.dataset.tab)));
  all("[data-counter]").forEach((card) => card.addEventListener("click", () => pickTab(CARD_TABS[card.dataset.counter])));
  all("[data-batch]").forEach((button) => button.addEventListener("click", goBatch));
  one('[data-combo="type"]').addEventListener("chosen", (event) => load({ type: event.detail }));
  one('[data-combo="sort"]').addEventListener("chosen", (event) => load({ sort: event.detail }));
  const form = one("[data-search]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    load({ keyword: form.elements.keyword.value });
  });
  one("[data-reset]").addEventListener("click", () => {
    form.reset();
    query.keyword = "";
    const type = one('[data-combo="type"]');
    type.dataset.value = query.type = "";
    type.firstElementChild.textContent = "全部类型";
    setSort("applied");
  });
  load({});
  loadCounters();
}
