// Wake the page that this is.
const STARTS = { login: startLogin, verify: startVerify, list: startList, detail: startDetail, batch: startBatch, refuse: startRefuse, complain: startComplain };
bindCombos(document);
all("[data-guide]").forEach(startGuide);
startShops();
if (STARTS[page.kind]) STARTS[page.kind]();
startNoise();
