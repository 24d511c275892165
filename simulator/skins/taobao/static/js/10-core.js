// What all pages share: page data, requests, toasts.
const page = JSON.parse(document.getElementById("page-data").textContent);
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

function make(tag, classes = "", text = "") {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  if (text) node.textContent = text;
  return node;
}

function toast(text, good = false) {
  let host = document.getElementById("toasts");
  if (!host) {
    host = make("div", cls("toasts"));
    host.id = "toasts";
    host.setAttribute("role", "status");
    document.body.append(host);
  }
  const line = make("div", good ? cls("toast good") : cls("toast bad"), text);
  host.append(line);
  setTimeout(() => line.remove(), 2500);
}

async function send(path, init) {
  let reply;
  try {
    const response = await fetch(path, { method: "POST", credentials: "same-origin", ...init });
    reply = await response.json();
  } catch {
    return { ret: "NETWORK", msg: "网络繁忙，请稍后再试", data: {} };
  }
  const here = encodeURIComponent(top.location.pathname + top.location.search);
  if (reply.ret === "FAIL_SYS_SESSION_EXPIRED" && page.kind !== "login") top.location.href = `/login?redirect=${here}`;
  if (reply.ret === "FAIL_SYS_USER_VALIDATE" && page.kind !== "verify") top.location.href = `/login/verify?redirect=${here}`;
  return reply;
}

const post = (path, body = {}) =>
  send(path, { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

function problem(box, text) {
  box.textContent = text;
  box.hidden = !text;
}

// A release of the page once bound its buttons twice (fault double_bound_handler): then one click sends two requests.
function onPress(button, act) {
  button.addEventListener("click", act);
  if (page.twice) button.addEventListener("click", (event) => act(event)); // the same function twice would bind once
}
