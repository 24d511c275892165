// Drop-downs without <select>: the list lives in a portal at the end of body while it is open.
let openPortal = null;

function closePortal() {
  if (!openPortal) return;
  openPortal.combo.setAttribute("aria-expanded", "false");
  openPortal.portal.remove();
  openPortal = null;
}

function choose(combo, key, text) {
  combo.dataset.value = key;
  combo.firstElementChild.textContent = text;
  combo.dispatchEvent(new CustomEvent("chosen", { bubbles: true, detail: key }));
}

function option(combo, [key, text]) {
  const line = make("div", cls("option"), text);
  line.setAttribute("role", "option");
  line.setAttribute("aria-selected", String(key === combo.dataset.value));
  line.addEventListener("mousedown", (event) => {
    event.preventDefault();
    choose(combo, key, text);
    closePortal();
  });
  return line;
}

function showPortal(combo) {
  const box = combo.getBoundingClientRect();
  const portal = make("div", cls("portal"));
  portal.setAttribute("role", "listbox");
  portal.setAttribute("aria-label", combo.getAttribute("aria-label"));
  portal.style.cssText = `left:${box.left + scrollX}px;top:${box.bottom + scrollY + 4}px;min-width:${box.width}px`;
  portal.append(...JSON.parse(combo.dataset.options).map((entry) => option(combo, entry)));
  document.body.append(portal);
  combo.setAttribute("aria-expanded", "true");
  openPortal = { combo, portal };
}

function bindCombos(root) {
  all("[data-combo]", root).forEach((combo) =>
    combo.addEventListener("click", (event) => {
      event.stopPropagation();
      const again = openPortal && openPortal.combo === combo;
      closePortal();
      if (!again) showPortal(combo);
    }),
  );
}

const comboValue = (name, root = document) => one(`[data-combo="${name}"]`, root).dataset.value;
document.addEventListener("click", closePortal);
