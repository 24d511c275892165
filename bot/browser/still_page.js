// A copy of the document as it stood, that reads the same without the page's own styles and scripts. The page is not touched.
// What its styles decide for a reader (what is shown, where lines break, which white space counts) is written into the copy.
(secrets) => {
  const BLOCKS = new Set(("ADDRESS ARTICLE ASIDE BLOCKQUOTE BODY DD DETAILS DIALOG DIV DL DT FIELDSET FIGURE FOOTER FORM H1 H2 H3 H4 H5 H6 " +
    "HEADER HR HTML LEGEND MAIN MENU NAV OL OPTGROUP OPTION P PRE SECTION UL").split(" "));
  const OTHERS = {
    LI: "list-item", SUMMARY: "block", TABLE: "table", THEAD: "table-header-group", TBODY: "table-row-group", TFOOT: "table-footer-group",
    TR: "table-row", TD: "table-cell", TH: "table-cell", CAPTION: "table-caption", COLGROUP: "table-column-group", COL: "table-column",
    BUTTON: "inline-block", INPUT: "inline-block", SELECT: "inline-block", TEXTAREA: "inline-block",
  };
  const SILENT = new Set(["HEAD", "SCRIPT", "STYLE", "LINK", "META", "TITLE", "TEMPLATE", "NOSCRIPT"]);
  const usual = (e) => OTHERS[e.tagName] || (BLOCKS.has(e.tagName) ? "block" : "inline");
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
    if (now.display !== usual(e)) style.push(`display:${now.display}`);
    if (now.visibility !== (above ? above.visibility : "visible")) style.push(`visibility:${now.visibility}`);
    if (now.whiteSpace !== (KEPT[e.tagName] || (above ? above.whiteSpace : "normal"))) style.push(`white-space:${now.whiteSpace}`);
    if (now.textTransform !== (above ? above.textTransform : "none")) style.push(`text-transform:${now.textTransform}`);
    if (style.length) copy.setAttribute("style", style.join(";"));
    else copy.removeAttribute("style");
    const inner = [...e.children], copies = [...copy.children];
    inner.forEach((child, place) => still(child, copies[place]));
  };

  const copy = document.documentElement.cloneNode(true);
  still(document.documentElement, copy);
  copy.querySelectorAll(secrets).forEach((field) => field.setAttribute("value", ""));
  copy.querySelectorAll("script, style, link, noscript, meta[name*=token i]").forEach((part) => part.remove());
  copy.querySelectorAll("[srcdoc]").forEach((frame) => frame.removeAttribute("srcdoc"));
  return `<!-- ${location.origin}${location.pathname} -->${copy.outerHTML}`;
}
