// Search, open and close; the page is complete without it: the chips filter by style alone.
"use strict";
for (const block of document.querySelectorAll(".cases")) {
  const tools = block.querySelector(".scripted");
  if (!tools) continue;
  tools.hidden = false;
  const cards = [...block.querySelectorAll("details.case")];
  const none = block.querySelector(".none");
  const texts = new Map();
  const told = ":scope > summary, .outcome, .because, .pairs"; // strategies that lost would fit every search
  const textOf = (card) => {
    if (!texts.has(card)) {
      const parts = [...card.querySelectorAll(told)].map((part) => part.textContent);
      texts.set(card, [card.dataset.find, ...parts].join(" ").toLowerCase());
    }
    return texts.get(card);
  };
  const shown = () => cards.filter((card) => card.offsetParent !== null);
  const search = tools.querySelector("input");
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const card of cards) card.classList.toggle("out", !words.every((word) => textOf(card).includes(word)));
    none.hidden = shown().length > 0;
  };
  search.addEventListener("input", apply);
  block.querySelector(".chips").addEventListener("change", apply);
  tools.addEventListener("click", (event) => {
    const act = event.target.dataset.do;
    if (act) for (const card of shown()) card.open = act === "open";
  });
}
// a link to a case opens it, also where a filter had hidden it
const reveal = () => {
  const card = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!card || !card.matches("details.case")) return;
  const block = card.closest(".cases");
  card.classList.remove("out");
  if (card.offsetParent === null) block.querySelector("input[value=all]").checked = true;
  card.open = true;
  card.scrollIntoView({ block: "start" });
};
addEventListener("hashchange", reveal);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (link && link.hash === location.hash) reveal();
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const box of document.querySelectorAll(".zoom input:checked")) box.checked = false;
});
reveal();
