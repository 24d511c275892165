// A copy of the document as it stood, that reads the same without the page's own styles and scripts. The page is not touched.
// What its styles decide for a reader (what is shown, where lines break, which white space counts) is written into the copy.
(secrets) => {
  const BLOCKS = new Set(("ADDRESS ARTICLE ASIDE BLOCKQUOTE BODY DD DETAILS DIALOG DIV DL DT FIELDSET FIGURE FOOTER FORM H1 H2 H3 H4 H5 H6 " +
    "HEADER HR HTML LEGEND LI MAIN MENU NAV OL OPTGROUP OPTION P PRE SECTION SUMMARY UL").split(" "));
  const OTHERS = {
    TABLE: "table", THEAD: "table-header-group", TBODY: "table-row-group", TFOOT: "table-footer-group", TR: "table-row", TD: "table-cell",
    TH: "table-cell", CAPTION: "table-caption", COLGROUP: "table-column-group", COL: "table-column", BUTTON: "inline-block",
    INPUT: "inline-block", SELECT: "inline-block", TEXTAREA: "inline-block",
  };
  // for text all of a group are alike
  const ALIKE = { flex: "block", grid: "block", "flow-root": "block", "list-item": "block", "inline-flex": "inline-block", "inline-grid": "inline-block" };
  const SILENT = new Set(["HEAD", "SCRIPT", "STYLE", "LINK", "META", "TITLE", "TEMPLATE", "NOSCRIPT"]);
  const usual = (e) => OTHERS[e.tagName] || (BLOCKS.has(e.tagName) ? "block" : "inline");
  const folded = (space) => (space === "nowrap" ? "normal" : space);
  const KEPT = { PRE: "pre", TEXTAREA: "pre-wrap" };

  const still = (e, copy) => {
    if (SILENT.has(e.tagName) || e instanceof SVGElement) return;
    const now = getComputedStyle(e);
    const above = e.parentElement && getComputedStyle(e.parentElement);
    const style = [];
    if (now.display === "none") {
      copy.setAttribute("hidden", "");
      copy.removeAttribute("style");
      return;
    }
    const display = ALIKE[now.display] || now.display;
    if (display !== usual(e)) style.push(`display:${display}`);
    if (now.visibility !== (above ? above.visibility : "visible")) style.push(`visibility:${now.visibility}`);
    const white = folded(now.whiteSpace);
    if (white !== (KEPT[e.tagName] || (above ? folded(above.whiteSpace) : "normal"))) style.push(`white-space:${white}`);
    if (now.textTransform !== (above ? above.textTransform : "none")) style.push(`text-transform:${now.textTransform}`);
    if (style.length) copy.setAttribute("style", style.join(";"));
    else copy.removeAttribute("style");
    const inner = [...e.children], copies = [...copy.children];
    inner.forEach((child, place) => still(child, copies[place]));
  };

  const copy = document.documentElement.cloneNode(true);
  still(document.documentElement, copy);
  copy.querySelectorAll(secrets).forEach((field) => field.setAttribute("value", ""));
  // linked styles are taken along, so that a picture of the copy looks as the page did
  const rulesOf = (sheet) => { try { return [...sheet.cssRules].map((rule) => rule.cssText); } catch { return []; } };
  const linked = [...document.styleSheets].filter((sheet) => sheet.ownerNode?.localName === "link").flatMap(rulesOf);
  copy.querySelectorAll("script, link, noscript, meta[name*=token i], meta[http-equiv]").forEach((part) => part.remove());
  if (linked.length) {
    const style = document.createElement("style");
    style.textContent = linked.join("\n");
    copy.querySelector("head")?.append(style);
  }
  copy.querySelectorAll("[srcdoc]").forEach((frame) => frame.removeAttribute("srcdoc"));
  return `<!-- ${location.origin}${location.pathname} -->${copy.outerHTML}`;
}
