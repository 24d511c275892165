// Guides that cover the page, the ticking countdown, telemetry nobody needs.
function startGuide(veil) {
  const guide = veil.firstElementChild;
  const anchor = document.getElementsByClassName(guide.dataset.anchor)[0] || document.getElementById(guide.dataset.anchor);
  if (anchor) {
    const box = anchor.getBoundingClientRect();
    guide.style.left = `${box.left + 40}px`;
    guide.style.top = `${box.top + 34}px`;
  }
  const end = () => {
    document.cookie = `qn_guide_${veil.dataset.guide}=1; path=/; SameSite=Lax`;
    veil.remove();
  };
  all("[data-guide-end]", veil).forEach((button) => button.addEventListener("click", end));
}

function tick(node) {
  const hit = node.textContent.match(/还剩 (\d+) 天 (\d+) 时 (\d+) 分/);
  if (!hit) return;
  const left = Math.max(0, Number(hit[1]) * 1440 + Number(hit[2]) * 60 + Number(hit[3]) - 1);
  const text = `还剩 ${Math.floor(left / 1440)} 天 ${Math.floor((left % 1440) / 60)} 时 ${left % 60} 分`;
  node.textContent = node.textContent.replace(hit[0], text);
}

function telemetry(event) {
  post("/h5api/telemetry", { event, page: page.kind, at: Math.round(performance.now()) });
}

function startNoise() {
  const rate = page.rate ?? 1; // how fast the shop's world runs; at 0 no minute ever passes
  if (rate > 0) setInterval(() => all("[data-left]").forEach(tick), Math.max(1000, 60000 / rate));
  setTimeout(() => telemetry("view"), 1200);
  setInterval(() => telemetry("alive"), 30000);
  new Image().src = `/img/beacon.gif?p=${page.kind || "-"}`;
}

function startShops() {
  const button = one("[data-switch-shop]");
  if (button) button.addEventListener("click", () => openDialog("shops"));
}
