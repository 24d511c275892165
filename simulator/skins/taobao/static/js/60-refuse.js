// The refusal page: proofs, the second prompt, the refusal.
const proofs = [];

function showProof(sha256, src) {
  if (proofs.includes(sha256)) return;
  proofs.push(sha256);
  const box = make("div", cls("upload"));
  const img = make("img");
  img.alt = sha256.slice(0, 8);
  img.src = src;
  box.append(img, make("span", "", sha256.slice(0, 8)));
  one("[data-uploads]").append(box);
  one("[data-uploaded]").textContent = `已上传 ${proofs.length}/3`;
}

async function upload(file, path) {
  const form = new FormData();
  form.append("file", file);
  const reply = await send(`${path}?disputeId=${encodeURIComponent(page.disputeId)}`, { body: form });
  if (reply.ret !== "SUCCESS") return toast(reply.msg);
  showProof(reply.data.sha256, `/img/${reply.data.sha256}.png`);
}

// The picture fields of a form: the refusal's and the complaint's differ in where the pictures go.
function bindUpload(path) {
  page.proofs.forEach((proof) => showProof(proof.sha256, proof.src));
  const file = one("[data-file]");
  one("[data-pick]").addEventListener("click", () => file.click());
  file.addEventListener("change", async () => {
    for (const chosen of file.files) await upload(chosen, path);
    file.value = "";
  });
}

function countCharacters(area) {
  area.addEventListener("input", () => (one("[data-count]").textContent = `${area.value.length}/200`));
}

function refusalBody(force) {
  return { ...claim(), reasonId: comboValue("reason"), message: one("#refuse-message").value.trim(), proofs, force };
}

function refusalProblem(body) {
  if (!body.reasonId) return "请选择拒绝原因";
  return body.message.length < 2 ? "拒绝说明需为2-200个字" : "";
}

async function refuse(force, prompt) {
  const body = refusalBody(force);
  const box = one("[data-page-problem]");
  problem(box, refusalProblem(body));
  if (!box.hidden) return;
  const button = one("[data-refuse]");
  button.disabled = true;
  const reply = await post("/h5api/dispute/refuse", body);
  button.disabled = false;
  if (prompt) prompt.close();
  if (reply.ret === "NEED_PROOF") openDialog("proof", { force: (dialog) => refuse(true, dialog) });
  else if (reply.ret === "SUCCESS") leaveForDetail();
  else problem(box, reply.msg);
}

function leaveForDetail() {
  toast("操作成功", true);
  setTimeout(() => (location.href = page.detail), 1000);
}

function startRefuse() {
  const button = one("[data-refuse]");
  if (!button) return;
  onPress(button, () => refuse(false));
  bindUpload("/h5api/dispute/uploadProof");
  one("[data-example]").addEventListener("click", () => openDialog("example"));
  countCharacters(one("#refuse-message"));
}
