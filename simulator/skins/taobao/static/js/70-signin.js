// Sign-in, slider and SMS code.
function startLogin() {
  const form = one("[data-login]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const reply = await post("/login/submit", { account: form.elements.account.value, password: form.elements.password.value });
    if (reply.ret !== "SUCCESS") return problem(one("[data-page-problem]"), reply.msg);
    const onward = encodeURIComponent(page.next);
    location.href = reply.data.next === "/home" ? page.next : `${reply.data.next}?redirect=${onward}`;
  });
}

async function passed(reply) {
  if (reply.ret === "SUCCESS") location.href = page.next;
  else problem(one("[data-page-problem]"), reply.msg);
  return reply.ret === "SUCCESS";
}

function startSlider(slider) {
  const knob = one('[role="slider"]', slider);
  const fill = slider.firstElementChild;
  let start = null;
  let track = [];
  const place = (way) => {
    const room = slider.clientWidth - knob.offsetWidth;
    const x = Math.max(0, Math.min(room, way));
    knob.style.left = `${x}px`;
    fill.style.width = `${x}px`;
    const percent = Math.round((x / room) * 100);
    knob.setAttribute("aria-valuenow", String(percent));
    return percent;
  };
  knob.addEventListener("pointerdown", (event) => {
    start = event.clientX;
    track = [0];
    knob.setPointerCapture(event.pointerId);
  });
  knob.addEventListener("pointermove", (event) => {
    if (start !== null) track.push(place(event.clientX - start));
  });
  knob.addEventListener("pointerup", async () => {
    if (start === null) return;
    start = null;
    const end = track.at(-1);
    if (end < 100 || !(await passed(await post("/login/slider", { track })))) place(0);
    else slider.classList.add(cls("done"));
  });
}

function startVerify() {
  const slider = one("[data-slider]");
  if (slider) return startSlider(slider);
  one("[data-send]").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    const reply = await post("/login/sms", { send: true });
    toast(reply.ret === "SUCCESS" ? "验证码已发送" : reply.msg, reply.ret === "SUCCESS");
    button.disabled = false;
  });
  one("[data-sms-form]").addEventListener("submit", async (event) => {
    event.preventDefault();
    await passed(await post("/login/sms", { code: event.currentTarget.elements.code.value }));
  });
}
