// The signing page: a key made here or read from its file, the checkpoint in words, the signature. What is typed stays here.
import { make, open, supported } from "./sign-key.js";
import { readPaper } from "./sign-paper.js";

const { meeting, texts } = JSON.parse(document.getElementById("data").textContent);
const part = (id) => document.getElementById(id);
const fill = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
let signer = null;
let paper = null;

function say(id, key, { bad = false, values = {} } = {}) {
  const place = part(id);
  place.textContent = fill(key, values);
  place.className = bad ? "notice bad" : "notice good";
  place.hidden = false;
}

function ready() {
  part("signing-key").textContent = signer ? signer.vkey : texts.no_key;
  part("sign").disabled = !(signer && paper);
}

/** Runs what a button does, once at a time. */
function on(id, event, run) {
  part(id).addEventListener(event, async (given) => {
    given.preventDefault();
    const button = part(id).querySelector("button") ?? part(id);
    if (button.disabled) return;
    button.disabled = true;
    try {
      await run();
    } finally {
      button.disabled = false;
      ready();
    }
  });
}

on("make", "submit", async () => {
  const name = part("name").value.trim();
  const [first, second] = [part("new-passphrase").value, part("again").value];
  if (!/^[^\s+/\\]{1,64}$/.test(name)) return say("made", "name_wrong", { bad: true });
  if (first.length < 8) return say("made", "passphrase_short", { bad: true });
  if (first !== second) return say("made", "passphrase_differs", { bad: true });
  say("made", "working");
  signer = await make(name, first);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([signer.text], { type: "text/plain" }));
  link.download = `${name}.key`;
  link.click();
  part("make").reset();
  part("vkey").textContent = signer.vkey;
  part("kept").hidden = false;
  say("made", "made", { values: { file: `${name}.key` } });
});

on("load", "submit", async () => {
  const [file] = part("file").files;
  if (!file) return say("loaded", "file_missing", { bad: true });
  say("loaded", "working");
  try {
    signer = await open(await file.text(), part("passphrase").value);
  } catch (error) {
    signer = null;
    return say("loaded", error.message === "passphrase" ? "passphrase_wrong" : "file_wrong", { bad: true });
  }
  part("load").reset();
  say("loaded", "loaded", { values: { name: signer.name } });
});

async function look() {
  const answer = await fetch(`/api/v1/meetings/${meeting}/signing`, { credentials: "same-origin" });
  paper = null;
  part("paper").hidden = true;
  if (!answer.ok) {
    const key = { 401: "sign_in", 403: "not_yours", 404: "no_meeting", 409: "not_counted" }[answer.status] ?? "away";
    return say("said", key, { bad: answer.status !== 409 });
  }
  try {
    paper = await readPaper(await answer.json(), meeting);
  } catch {
    return say("said", "does_not_fit", { bad: true });
  }
  const { manifest, root, code } = paper;
  const shown = { meeting: manifest.meeting, units: manifest.units.length, sealed: manifest.sealed_at, root, code,
    cycle: `${manifest.programme} ${manifest.cycle}`, ...manifest.counts };
  for (const place of document.querySelectorAll("[data-fact]")) place.textContent = shown[place.dataset.fact];
  part("rehearsal").hidden = !manifest.rehearsal;
  part("paper").hidden = false;
  say("said", "fits");
}

on("look", "click", async () => {
  try {
    await look();
  } catch {
    say("said", "away", { bad: true });
  }
});

on("sign", "click", async () => {
  const line = await signer.line(paper.checkpoint);
  let answer;
  try {
    answer = await fetch(`/api/v1/meetings/${meeting}/signatures`, {
      method: "POST", credentials: "same-origin",
      headers: { "Content-Type": "application/json" }, body: JSON.stringify({ signatures: [line] }),
    });
  } catch {
    return say("signed", "away", { bad: true });
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) return say("signed", "refused", { bad: true, values: { reason: told.reason ?? answer.status } });
  const key = told.missing.length ? "signed" : "sealed";
  say("signed", key, { values: { names: told.signed.join("、"), missing: told.missing.join("；") } });
});

if (await supported()) {
  part("works").hidden = false;
  ready();
  part("look").click();
} else {
  part("unsupported").hidden = false;
}
part("page").dataset.ready = "yes";
