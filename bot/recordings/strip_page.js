// The open document with nothing left in it that no reader looks at. `private_texts`: what stands in places that are nobody's business.
(private_texts) => {
  const GONE = "script, style, link, noscript, template, iframe, object, embed, svg, canvas, video, audio, base, meta, option";
  const KEPT = new Set(["alt", "src", "role", "type", "for", "id", "hidden", "disabled", "open", "placeholder", "style", "title", "colspan", "rowspan"]);
  const READ = ["display", "visibility", "white-space", "text-transform"];
  const root = document.documentElement;

  // one stable name for each, wherever it stands; the longest first, since one may be part of another
  const names = private_texts.filter((said) => said.length > 1).map((said, place) => [said, `private-${place + 1}`])
    .sort(([one], [other]) => other.length - one.length);
  const covered = (text) => names.reduce((left, [said, name]) => left.split(said).join(name), text);

  root.querySelectorAll(GONE).forEach((part) => part.remove());
  const pointed = new Set();
  root.querySelectorAll("[for], [aria-labelledby], [aria-describedby]").forEach((e) =>
    ["for", "aria-labelledby", "aria-describedby"].forEach((name) => (e.getAttribute(name) || "").split(/\s+/).forEach((id) => pointed.add(id))));
  for (const e of [root, ...root.querySelectorAll("*")]) {
    for (const { name, value } of [...e.attributes]) {
      const kept = (KEPT.has(name) || name.startsWith("aria-")) && !(name === "id" && !pointed.has(value)) && !(name === "src" && value.startsWith("data:"));
      if (!kept) e.removeAttribute(name);
      else if (name === "style") {
        const style = READ.filter((key) => e.style.getPropertyValue(key)).map((key) => `${key}:${e.style.getPropertyValue(key)}`);
        if (style.length) e.setAttribute("style", style.join(";"));
        else e.removeAttribute("style");
      } else e.setAttribute(name, covered(value));
    }
    if (e.tagName === "A") e.setAttribute("href", "");
  }
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_COMMENT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  for (const node of nodes) {
    if (node.nodeType === Node.COMMENT_NODE) node.remove();
    else if (!node.data.trim() && node.data.includes("\n") && !node.parentElement?.closest("[style*=white-space]")) node.data = "\n";
    else node.data = covered(node.data);
  }
  // a line a block, so that reviewers see in a diff what changed
  const unseen = (text) => text.replace(/[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (one) => `&#x${one.codePointAt(0).toString(16)};`);
  return unseen(root.outerHTML).replace(/\n{2,}/g, "\n").replace(/(<\/(?:dd|dl|tr|table|thead|section|article|li|header|nav|main|button|p|h[1-6])>)(?=<)/g, "$1\n") + "\n";
}
