// Reads what a person could see under `root` (default: the whole page) as plain data, in one call. Knows no platform.
// Only visible text counts; hidden copies and templates are no part of the page (design.md 4.3).
(root) => {
  const top = root instanceof Element ? root : document.body;
  const HEADINGS = "h1,h2,h3,h4,h5,h6";
  const DIALOGS = "[role=dialog],[role=alertdialog],dialog[open]";
  const shown = (e) => e.checkVisibility({ visibilityProperty: true });
  const clean = (s) => (s ?? "").replace(/\u00a0/g, " ").trim();
  const text = (e) => clean(e.innerText);
  const named = (e) => clean(e.getAttribute("aria-label")) || text(e);
  const pictures = (e) => [...e.querySelectorAll("img")].filter(shown)
    .map((i) => ({ alt: i.getAttribute("alt") ?? "", src: i.getAttribute("src") ?? "" }));
  const off = (e) => e.disabled === true || e.getAttribute("aria-disabled") === "true";

  // the title of a block: its label, the element its label points at, or its first heading
  const title = (block) => {
    const by = block.getAttribute("aria-labelledby");
    const pointed = by && document.getElementById(by);
    const heading = block.querySelector(HEADINGS);
    return clean(block.getAttribute("aria-label")) || (pointed && text(pointed)) || (heading && text(heading)) || "";
  };

  // what is not drawn has a text all the same: innerText of a hidden element is whatever stands in the document
  const seen = (e) => (shown(e) ? text(e) : "");

  // the value: the first dd that is drawn before the next dt
  const value = (dt) => {
    let e = dt.nextElementSibling;
    while (e && e.tagName === "DD" && !shown(e)) e = e.nextElementSibling;
    return e && e.tagName === "DD" ? e : null;
  };

  const pairs = (dl, group) => [...dl.querySelectorAll("dt")].filter(shown).map((dt) => {
    const dd = value(dt);
    return { group, label: text(dt), value: dd ? text(dd) : null, pictures: dd ? pictures(dd) : [] };
  });

  const cells = (row) => [...row.cells].map(seen);
  const grid = (table, group) => {
    const head = table.tHead ? [...table.tHead.rows] : [...table.rows].slice(0, 1);
    const body = [...table.rows].filter((row) => !head.includes(row) && shown(row));
    return {
      group,
      head: head.length ? cells(head[head.length - 1]) : [],
      rows: body.map(cells),
      busy: table.getAttribute("aria-busy") === "true",
    };
  };

  const entry = (li, group) => {
    const time = li.querySelector("time");
    const who = li.querySelector("b,strong");
    const last = li.lastElementChild;
    return { group, time: time ? text(time) : "", who: who ? text(who) : "", text: last ? text(last) : text(li) };
  };

  // everything of `block` that is not inside an inner block
  const read = (block, inner) => {
    const data = {
      title: block === top && top === document.body ? "" : title(block),
      fields: [], grids: [], entries: [], notes: [], presses: [], choices: [], tabs: [], pictures: [], words: [],
    };
    const within = (e) => !inner.some((other) => other.contains(e));
    let group = "";
    const wanted = `${HEADINGS},dl,table,li,p,[role=alert],[role=status],button,[role=button],[role=combobox],[role=tab],img`;
    for (const e of block.querySelectorAll(wanted)) {
      if (!within(e) || !shown(e)) continue;
      const role = e.getAttribute("role");
      if (e.matches(HEADINGS)) group = text(e) === data.title ? "" : text(e);
      else if (e.tagName === "DL") data.fields.push(...pairs(e, group));
      else if (e.tagName === "TABLE") data.grids.push(grid(e, group));
      else if (e.tagName === "LI") data.entries.push(entry(e, group));
      else if (role === "combobox") data.choices.push({ label: named(e), value: text(e) });
      else if (role === "tab") data.tabs.push({ name: named(e), selected: e.getAttribute("aria-selected") === "true" });
      else if (e.tagName === "IMG") data.pictures.push(...pictures(e.parentElement).filter((p) => p.src === e.getAttribute("src")).slice(0, 1));
      else if (e.tagName === "BUTTON" || role === "button") data.presses.push({ name: named(e), enabled: !off(e) });
      else data.notes.push({ group, text: text(e) });
    }
    data.words = leaves(block, (e) => within(e) && !e.closest("table,dl,li,header"));
    return data;
  };

  // the single pieces of text, as the document holds them
  const leaves = (block, wanted) => {
    const found = [];
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const said = clean(walker.currentNode.data);
      const by = walker.currentNode.parentElement;
      if (said && by.tagName !== "SCRIPT" && by.tagName !== "STYLE" && wanted(by) && shown(by)) found.push(said);
    }
    return found;
  };

  const dialogs = [...top.querySelectorAll(DIALOGS)].filter(shown);
  const sections = [...top.querySelectorAll("section,article")]
    .filter((e) => shown(e) && !dialogs.some((d) => d.contains(e)) && !e.parentElement.closest("section,article"));
  const header = document.querySelector("header");
  // as text: the driver takes plain objects apart value by value, three times over
  return JSON.stringify({
    url: location.href,
    name: document.title,
    header: header ? leaves(header, () => true) : [],
    body: read(top, [...dialogs, ...sections]),
    sections: sections.map((one) => read(one, dialogs)),
    dialogs: dialogs.map((one) => read(one, dialogs.filter((other) => other !== one && one.contains(other)))),
  });
}
