// The complaint page: scene, text, pictures, one button.
const complaintBody = () => ({ ...claim(), scene: comboValue("scene"), message: one("#complain-message").value.trim(), proofs });

function complaintProblem(body) {
  if (!body.scene) return "请选择投诉场景";
  if (body.message.length < 5) return "投诉说明需为5-200个字";
  return body.proofs.length ? "" : "请至少上传1张投诉凭证";
}

async function complain() {
  const body = complaintBody();
  const box = one("[data-page-problem]");
  problem(box, complaintProblem(body));
  if (!box.hidden) return;
  const button = one("[data-complain]");
  button.disabled = true;
  const reply = await post("/h5api/dispute/complain", body);
  button.disabled = false;
  if (reply.ret === "SUCCESS") leaveForDetail();
  else problem(box, reply.msg);
}

function startComplain() {
  const button = one("[data-complain]");
  if (!button) return;
  onPress(button, complain);
  bindUpload("/h5api/dispute/uploadComplaint");
  countCharacters(one("#complain-message"));
}
