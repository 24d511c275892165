// Dialogs are cloned from <template>s to the end of body; several may be open at once.
function openDialog(id, actions = {}) {
  const veil = document.getElementById(`d-${id}`).content.firstElementChild.cloneNode(true);
  const dialog = { veil, body: one('[role="dialog"]', veil), alert: one('[role="alert"]', veil), busy: false };
  dialog.close = () => veil.remove();
  all("[data-close]", veil).forEach((button) => button.addEventListener("click", dialog.close));
  all("[data-do]", veil).forEach((button) => {
    const act = actions[button.dataset.do] || dialog.close;
    onPress(button, () => act(dialog, button));
  });
  bindCombos(veil);
  document.body.append(veil);
  return dialog;
}

async function submit(dialog, button, path, body) {
  button.disabled = true;
  const reply = await post(path, body);
  button.disabled = false;
  if (reply.ret === "SUCCESS") return succeed(dialog);
  problem(dialog.alert, reply.msg);
  return reply;
}

function succeed(dialog) {
  dialog.close();
  toast("操作成功", true);
  setTimeout(() => location.reload(), 1000);
  return { ret: "SUCCESS" };
}
