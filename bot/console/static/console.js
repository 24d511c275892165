// The console's own script: live parts, keys, dragging. Every page works without it; nothing of it is from elsewhere.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("scripting");
  const body = document.body;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  const policy = window.trustedTypes
    ? window.trustedTypes.createPolicy("refundpilot", { createHTML: (text) => text })
    : { createHTML: (text) => text };

  // ---- coming in: the token stands in the address's fragment, which is never sent
  const door = one("[data-enter]");
  if (door) {
    const token = decodeURIComponent(location.hash.slice(1));
    if (token) {
      history.replaceState(null, "", location.pathname);
      door.token.value = token;
      door.requestSubmit();
    }
    return;
  }

  // ---- where one is stands in sight among the pages, on a narrow screen too
  const tabs = one(".tabs"), here = one("[aria-current]", tabs);
  if (here) tabs.scrollLeft = here.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - here.offsetWidth) / 2;

  // ---- pressed twice is meant once; whoever comes back to the page may press anew
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  addEventListener("pageshow", () => { for (const form of all("form[data-sent]")) delete form.dataset.sent; });

  // ---- live: which topics changed; parts that show them are asked for anew, those in somebody's hands are left alone
  const EVERY_MS = 2500;
  let waiting = new Set(), timer = null, last = 0, asking = false, showing = 0;
  const stale = one("#stale");
  const say = (words) => { stale.textContent = words || ""; stale.hidden = !words; };
  stale.addEventListener("click", () => location.reload());

  const inHand = (part) => {
    const active = document.activeElement;
    const typing = part.contains(active) && active.matches("input, textarea, select");
    return typing || one("dialog[open]") !== null || part.matches(":active") || one(".held-up, form[data-sent], form.order:not([hidden])", part) !== null;
  };
  const parse = (text) => new DOMParser().parseFromString(policy.createHTML(text), "text/html");
  const fetched = async (address) => {
    const answer = await fetch(address, { credentials: "same-origin", headers: { "x-part": "1" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return parse(await answer.text());
  };
  // as it would stand there now; null where nothing of it is new
  const renewed = (old, fresh) => {
    const open = all("details", old).map((part) => part.open);
    const next = document.importNode(fresh, true);
    all("details", next).forEach((part, place) => { part.open = open[place] || false; });
    old.classList.remove("fresh");
    if (!old.classList.length) old.removeAttribute("class");
    return next.isEqualNode(old) ? null : next;
  };
  const handles = (part) => all("a, button, summary", part);
  const deed = (handle) => handle.form?.outerHTML ?? handle.getAttribute("href") ?? handle.textContent;
  const swap = (old, next, quiet) => {
    const held = old.contains(document.activeElement) ? document.activeElement : null;
    const place = handles(old).indexOf(held), down = old.scrollTop, across = old.scrollLeft;
    old.replaceWith(next);
    next.scrollTop = down;
    next.scrollLeft = across;
    // the same deed stays under the finger, never another one in its place; of a list the same place will do
    const again = place < 0 ? null : handles(next).find((handle) => deed(handle) === deed(held));
    (again ?? (held?.matches("[data-row]") ? handles(next)[place] : null))?.focus({ preventScroll: true });
    if (!quiet) next.classList.add("fresh");
    arrange(next);
  };
  const topicsOf = (part) => part.dataset.live.split(" ");
  // of a page that answered a form the frame comes from another one, and which page one is on stays
  const placed = (page) => {
    for (const link of all(".tabs a", page)) {
      if (link.getAttribute("href") === here?.getAttribute("href")) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    return page;
  };
  const renew = (page, chosen, topics) => {
    // what is inside goes first: a countdown that moved on does not make the whole of what is around it new
    for (const part of new Set(chosen.flatMap((outer) => [...all("[data-live]", outer), outer]))) {
      const fresh = page.getElementById(part.id);
      if (!fresh || (part.dataset.from && part.dataset.from !== fresh.dataset.from)) continue;
      const next = renewed(part, fresh);
      if (!next) continue;
      // that time goes by is no news
      const quiet = topicsOf(part).every((topic) => topic === "clock" || !topics.has(topic));
      if (!inHand(part)) swap(part, next, quiet); else if (!quiet) say(body.dataset.stale);
    }
  };
  const refresh = async () => {
    timer = null;
    if (asking || document.hidden) return;
    if (one("#preview[inert]")) { plan(); return; }
    const topics = waiting; waiting = new Set();
    const chosen = all("[data-live]").filter((part) => topicsOf(part).some((topic) => topics.has(topic)));
    if (!chosen.length) return;
    asking = true;
    const round = showing;
    try {
      // what answered a form cannot be asked for again: then only what every page has is made anew
      const page = placed(await fetched(body.dataset.posted ? "/" : one("#preview")?.dataset.from ?? location.href));
      if (round === showing) { renew(page, chosen, topics); last = Date.now(); }
      else for (const topic of topics) waiting.add(topic); // another case was chosen meanwhile
    } catch { say(body.dataset.lost); } finally { asking = false; }
    if (waiting.size) plan();
  };
  const plan = () => { if (timer === null) timer = setTimeout(refresh, Math.max(150, EVERY_MS - (Date.now() - last))); };

  let stream = null;
  const listen = () => {
    if (stream || document.hidden) return;
    stream = new EventSource(body.dataset.liveFrom);
    stream.addEventListener("changed", (event) => { for (const topic of JSON.parse(event.data)) waiting.add(topic); plan(); });
    stream.addEventListener("open", () => { if (stale.textContent === body.dataset.lost) say(""); });
    stream.addEventListener("error", () => say(body.dataset.lost));
  };
  // a page that nobody looks at holds no line: a browser has six for all of its tabs
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { stream?.close(); stream = null; return; }
    listen();
    for (const topic of all("[data-live]").flatMap(topicsOf)) waiting.add(topic);
    plan();
  });
  window.addEventListener("pagehide", () => { stream?.close(); stream = null; });
  window.addEventListener("pageshow", listen);
  listen();

  // ---- a wait for a person runs on between two looks; the page says how much was left when it was made
  setInterval(() => all("[data-left]").forEach((clock) => {
    clock.until ??= Date.now() + (Number(clock.dataset.left) - 1) * 1000;
    const left = Math.max(0, Math.round((clock.until - Date.now()) / 1000));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  }), 1000);

  // ---- rows: j and k go through them; the queue shows the chosen case beside the list. Until it stands there the case
  // before it cannot be touched: a key pressed meanwhile was meant for another one
  const show = async (link) => {
    const preview = one("#preview");
    if (!preview) return;
    const mine = ++showing;
    preview.inert = true;
    all("[data-rows] li").forEach((row) => row.classList.toggle("seen", row.contains(link)));
    all("[data-row]").forEach((other) => other.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    try {
      const fresh = (await fetched(link.href)).getElementById("preview");
      if (mine !== showing) return;
      one("#preview").replaceWith(document.importNode(fresh, true));
      history.replaceState(null, "", link.href);
    } catch { if (mine === showing) location.assign(link.href); }
  };
  const step = (by) => {
    const rows = all("[data-row]");
    if (!rows.length) return;
    const now = rows.findIndex((row) => row === document.activeElement);
    const seen = now >= 0 ? now : rows.findIndex((row) => row.getAttribute("aria-current"));
    const next = rows[Math.min(rows.length - 1, Math.max(0, seen + by))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    if (one("#preview")) show(next);
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#list [data-row]");
    if (!link || !one("#preview") || event.metaKey || event.ctrlKey || event.shiftKey || window.innerWidth <= 900) return;
    event.preventDefault();
    show(link);
  });

  // ---- keys
  const OFF = "refundpilot.shortcuts-off";
  const off = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
  const box = one("[data-shortcuts]");
  if (box) {
    box.checked = off();
    box.addEventListener("change", () => { try { localStorage.setItem(OFF, box.checked ? "1" : "0"); } catch { /* a private window keeps nothing */ } });
  }
  const PLACES = { t: "/", q: "/queue", c: "/cases", m: "/monitor", s: "/strategies", b: "/budgets", h: "/shops", a: "/alarms", u: "/audit", p: "/signoffs" };
  const press = (handle) => { if (!handle.closest("[inert]")) handle.click(); };
  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.matches("input, textarea, select");
    if (event.key === "Escape" && !one("dialog[open]")) {
      if (typing) { event.target.blur(); return; }
      one('[data-key="esc"]')?.click();
      return;
    }
    if (typing || off() || one("dialog[open]")) return;
    if (Date.now() - going < 1200 && PLACES[event.key]) { going = 0; event.preventDefault(); location.assign(PLACES[event.key]); return; }
    going = 0;
    if (event.key === "g") { going = Date.now(); return; }
    if (event.key === "j" || event.key === "k") { event.preventDefault(); step(event.key === "j" ? 1 : -1); return; }
    if (event.key === "Enter") {
      if (event.target.matches("a, button, summary") && !event.target.closest("#list")) return;
      const open = one('#preview [data-key="enter"]');
      if (open) { event.preventDefault(); press(open); }
      return;
    }
    const wanted = one(`[data-key="${CSS.escape(event.key)}"]`);
    if (!wanted) return;
    event.preventDefault();
    if (wanted.matches("input")) wanted.focus(); else press(wanted);
  });
  all("[data-open]").forEach((button) => button.addEventListener("click", () => one(`#${button.dataset.open}`).showModal()));

  // ---- copying
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    const source = one(`#${button.dataset.copy}`);
    // where the browser lets no page write to the clipboard it is marked, for the keys that copy
    try { await navigator.clipboard.writeText(source.textContent.trim()); } catch { getSelection().selectAllChildren(source); return; }
    const words = button.textContent;
    button.textContent = body.dataset.copied;
    setTimeout(() => { button.textContent = words; }, 1500);
  });

  // ---- the order of strategies: dragged, then saved as one; arrows do the same without a pointer
  let lifted = null;
  const arrange = (within) => all("[data-order]", within).forEach((list) => {
    const form = one(`#${list.dataset.order}`);
    if (!form) return;
    const before = all("li", list);
    list.addEventListener("dragstart", (event) => { lifted = event.target.closest("li"); lifted?.classList.add("held-up"); event.dataTransfer.effectAllowed = "move"; });
    list.addEventListener("dragover", (event) => {
      const over = event.target.closest("li");
      if (!lifted || !over || over.parentNode !== lifted.parentNode) return;
      event.preventDefault();
      all(".under", list).forEach((row) => row.classList.remove("under"));
      over.classList.add("under");
    });
    list.addEventListener("drop", (event) => {
      const over = event.target.closest("li");
      if (!lifted || !over || over === lifted) return;
      event.preventDefault();
      const rows = all("li", list);
      over.parentNode.insertBefore(lifted, rows.indexOf(lifted) < rows.indexOf(over) ? over.nextSibling : over);
      form.ids.value = all("li", list).map((row) => row.dataset.id).join(",");
      form.hidden = false;
    });
    list.addEventListener("dragend", () => {
      all(".held-up, .under", list).forEach((row) => row.classList.remove("held-up", "under"));
      lifted = null;
    });
    form.addEventListener("reset", () => { list.append(...before); form.hidden = true; });
  });
  arrange(document);

  // ---- the editor: the line of the caret, jumps to a finding, and a save that only takes what was rehearsed
  const code = one("[data-code]");
  if (code) {
    const caret = one("[data-caret]"), mirror = one("[data-mirror]"), changed = one("[data-changed]");
    const told = () => { caret.textContent = caret.dataset.words.replace("#", String(code.value.slice(0, code.selectionStart).split("\n").length)); };
    for (const kind of ["keyup", "click", "focus"]) code.addEventListener(kind, told);
    code.addEventListener("input", () => {
      if (!mirror) return;
      const same = code.value === mirror.value;
      changed.hidden = same;
      mirror.form.querySelector("button.main").disabled = !same;
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("[data-line]");
      if (!link) return;
      event.preventDefault();
      const lines = code.value.split("\n"), number = Math.max(1, Number(link.dataset.line));
      const start = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
      code.focus();
      code.setSelectionRange(start, start + (lines[number - 1] || "").length);
      code.scrollTop = (number - 4) * parseFloat(getComputedStyle(code).lineHeight);
      told();
    });
  }
})();
