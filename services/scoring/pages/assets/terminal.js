// The terminal in the hall (S5): one person after another, each a card and a whole ballot, sealed here before it leaves.
// What is not confirmed lives in this tab only (memory and sessionStorage); what is confirmed only as ciphertext.
import * as cards from "./terminal-card.js";
import { Paper, showConfirm, showOverview, showUnit } from "./terminal-ballot.js";
import { announce, data, say, speak, spoken } from "./terminal-dom.js";
import { Idle } from "./terminal-idle.js";
import { OVER, Queue, ask, path } from "./terminal-queue.js";
import { Scanner } from "./terminal-scan.js";
import * as screens from "./terminal-screens.js";
import { sealed } from "./terminal-seal.js";

const KEPT = "minping.unfinished";
const MEETING = "minping.meeting";
const BEAT = 10_000;
const SOON = 4_000;
const FIRST_ANSWER = 8_000;

const scanner = new Scanner();
const queue = new Queue(() => refreshStatus());
const state = {
  meeting: "", form: null, station: null, net: "unknown", view: "", paper: null, card: null, receipt: null, timer: 0,
};
const screen = new screens.CardScreen(scanner, take);

// --- one ballot, from the card to the thank-you

// Somebody's card. Answers why not, as a key of card.*, or opens the ballot.
async function take(text) {
  const hash = await cards.tokenHash(text);
  const earlier = await queue.ballot(state.meeting, hash);
  if (earlier) return earlier.state === "waiting" ? "here_already" : "here_refused";
  const answer = await ask(path(state.meeting, "card-checks"), { token: text }, SOON);
  if (answer && answer.status === 422) return "no_card";
  if (answer && (answer.status === 401 || answer.status === 403)) return "sign_in";
  if (answer && answer.status === 200 && answer.body.state === "used") return "used";
  if (state.view !== "card") return "";
  begin({ card: text, hash, marks: {}, at: 0 });
  go("unit");
  return "";
}

function begin(kept) {
  state.card = { text: kept.card, hash: kept.hash };
  state.paper = new Paper(state.form, data.labels, kept, keep);
}

function keep() {
  const { paper, card, meeting, view } = state;
  if (!paper) return;
  const kept = { meeting, card: card.text, hash: card.hash, marks: paper.marks, at: paper.at, view, seen: Date.now() };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
}

// A ballot that was begun before a reload, unless it was left alone too long.
function restored() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  const fresh = kept && Date.now() - kept.seen < (data.idle.warn + data.idle.clear) * 1000;
  if (!fresh || kept.meeting !== state.meeting) {
    sessionStorage.removeItem(KEPT);
    return false;
  }
  begin(kept);
  go(kept.view);
  return true;
}

// Nothing of a person stays: not in memory, not in the tab's storage, not on the screen.
function wipe() {
  sessionStorage.removeItem(KEPT);
  if (state.paper) state.paper.forget();
  scanner.stop();
  state.paper = state.card = null;
}

async function confirm() {
  const { meeting, form, paper, card } = state;
  const ciphertext = await sealed(form, card.hash, paper.marks);
  await queue.add({ meeting, hash: card.hash, token: card.text, ciphertext });
  const { hash } = card;
  wipe();
  state.receipt = { hash, address: `${data.address || location.origin}${path(meeting, `receipts/${hash}`)}` };
  go("sending");
  const soon = new Promise((resolve) => { setTimeout(resolve, FIRST_ANSWER); });
  await Promise.race([queue.now(), soon]);
  const left = await queue.ballot(meeting, hash);
  if (state.view !== "sending") return;
  if (left && left.state === "refused") {
    state.refused = left.why;
    go("refused");
  } else go(left ? "saved" : "thanks");
}

function next() {
  clearInterval(state.timer);
  state.receipt = null;
  speak(data.language);
  words();
  go("card");
}

// --- screens

function go(view) {
  state.view = view;
  if (state.paper) keep();
  clearInterval(state.timer);
  document.body.dataset.view = view;
  if (view !== "card") scanner.stop();
  if (view === "unit") showUnit(state.paper, go);
  else if (view === "overview") showOverview(state.paper, go);
  else if (view === "confirm") showConfirm(state.paper, go, confirm);
  else if (view === "sending") screens.showSending();
  else if (view === "thanks" || view === "saved") thank(view);
  else if (view === "refused") screens.showRefused(state.refused, next);
  else if (view === "waiting") showWaiting();
  else if (view === "choose") screens.showChoose(state.meetings, choose);
  else if (view === "fault" || view === "unable" || view === "insecure") {
    screens.showWait(view, view === "insecure" ? data.secure_address : "");
  }
  else home();
}

// Where somebody begins: the card, or why there is nothing to begin.
function home() {
  const why = closedBecause();
  state.view = why ? "wait" : "card";
  document.body.dataset.view = state.view;
  if (why) screens.showWait(why);
  else screen.show();
}

function closedBecause() {
  if (state.net === "sign_in" || state.net === "no_meeting") return state.net;
  const at = state.station;
  if (at && at.halted && !OVER.has(at.state)) return "halted";
  if (at && OVER.has(at.state)) return "closed";
  if (at && at.state !== "voting") return "not_open";
  if (!state.form || !state.form.public_key) return at ? "no_key" : state.net === "away" ? "away" : "connecting";
  return "";
}

function thank(how) {
  let left = data.idle.thanks;
  const tell = screens.showThanks(how, state.receipt, next);
  tell(left);
  state.timer = setInterval(() => {
    left -= 1;
    tell(left);
    if (left <= 0) next();
  }, 1000);
}

async function showWaiting() {
  const ballots = await queue.ballots();
  if (state.view !== "waiting") return;
  screens.showWaiting(ballots, state.keeps, {
    back: () => home(), now: () => queue.now(), again: (b) => queue.again(b.meeting, b.hash),
    remove: (b) => queue.remove(b.meeting, b.hash),
  });
}

// --- the head of the page: language, network, what waits

function words() {
  for (const part of document.querySelectorAll("[data-say]")) part.textContent = say(part.dataset.say);
  document.title = `${say("title")} · ${say("brand")}`;
  refreshStatus();
}

async function refreshStatus() {
  const show = document.getElementById("waiting");
  if (queue.db) {
    const ballots = await queue.ballots();
    const waiting = ballots.filter((b) => b.state === "waiting").length;
    const refused = ballots.length - waiting;
    const parts = [waiting && say("status.waiting", { count: waiting }), refused && say("status.refused", { count: refused })];
    show.textContent = parts.filter(Boolean).join(" · ") || say("status.none");
    show.className = refused ? "bad" : waiting ? "some" : "none";
  }
  show.hidden = !queue.db;
  const net = document.getElementById("net");
  net.textContent = say(`net.${state.net}`);
  net.className = state.net;
  document.getElementById("meeting").textContent = state.meeting;
  document.getElementById("rehearsal").hidden = !(state.station && state.station.rehearsal);
  if (state.view === "waiting") showWaiting();
}

function otherLanguage() {
  speak(spoken() === "zh" ? "en" : "zh");
  words();
  if (state.view) go(state.view);
}

// --- the server, as far as it answers

async function beat() {
  const answer = await ask(path(state.meeting, "station"), null, SOON);
  const before = closedBecause();
  const was = state.net;
  if (answer === null || answer.status >= 500) state.net = "away";
  else if (answer.status === 401 || answer.status === 403) state.net = "sign_in";
  else if (answer.status === 404) state.net = "no_meeting";
  else {
    state.net = "here";
    state.station = answer.body;
    if (!state.form || !state.form.public_key) await fetchForm();
    if (was !== "here") queue.now();
  }
  await refreshStatus();
  if ((state.view === "card" || state.view === "wait") && before !== closedBecause()) home();
}

// The form with each unit's papers, where there are any; kept, so that the ballot can be shown without the server.
async function fetchForm() {
  const [form, statements, sheets, names] = await Promise.all(
    [...["form", "statements", "fact-sheets"].map((what) => path(state.meeting, what)), "/api/v1/units"].map((at) => ask(at)));
  if (!good(form)) return;
  const byUnit = (list) => new Map(list.map((item) => [item.unit, item]));
  const said = byUnit(good(statements) ? statements.body.items : []);
  const told = byUnit(good(sheets) ? sheets.body : []);
  const named = byUnit(good(names) ? names.body : []);
  const units = form.body.units.map((unit) => ({
    ...unit, said: said.get(unit.key), sheet: told.get(unit.key), name_en: (named.get(unit.key) || {}).name_en,
  }));
  state.form = { ...form.body, units };
  await queue.keepForm(state.form);
}

const good = (answer) => answer !== null && answer.status === 200;

function choose(meeting) {
  localStorage.setItem(MEETING, meeting);
  location.search = `?meeting=${encodeURIComponent(meeting)}`;
}

// The meeting of the address; else the only one that is open; else the one chosen before.
async function findMeeting() {
  const named = new URLSearchParams(location.search).get("meeting");
  if (named) return named;
  const answer = await ask("/api/v1/meetings?state=voting&limit=200", null, SOON);
  state.meetings = good(answer) ? answer.body.items : null;
  if (state.meetings && state.meetings.length === 1) return state.meetings[0].meeting;
  return state.meetings && state.meetings.length ? "" : localStorage.getItem(MEETING) || "";
}

// --- start

// A fault of ours is shown, never hidden; what was marked stays in the tab, and a reload brings it back.
function fault() {
  if (state.view !== "fault") go("fault");
}

// Without it the page works, but cannot be opened anew while the server is away: tellers are told.
async function keepPage() {
  try {
    await navigator.serviceWorker.register("/terminal-worker.js", { scope: "/terminal" });
    state.keeps = true;
  } catch {
    state.keeps = false;
  }
}

async function start() {
  window.addEventListener("error", fault);
  window.addEventListener("unhandledrejection", fault);
  document.getElementById("language").addEventListener("click", otherLanguage);
  document.getElementById("waiting").addEventListener("click", () => { if (!state.paper && queue.db) go("waiting"); });
  document.addEventListener("keydown", (event) => { if (state.view === "card") screen.keydown(event); });
  words();
  if (!window.isSecureContext || !window.crypto.subtle) return go("insecure");
  try {
    await queue.start();
  } catch {
    return go("unable");
  }
  keepPage();
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
  state.meeting = await findMeeting();
  if (!state.meeting) {
    setTimeout(() => location.reload(), 2 * BEAT);
    return go("choose");
  }
  localStorage.setItem(MEETING, state.meeting);
  state.form = (await queue.form(state.meeting)) || null;
  if (!state.form) await fetchForm();
  if (!(state.form && restored())) home();
  await beat();
  if (!state.paper && state.net === "here") await fetchForm();
  setInterval(beat, BEAT);
  window.addEventListener("online", beat);
  window.addEventListener("offline", beat);
  const begun = () => state.paper || state.view === "waiting" || (state.view === "card" && screen.input.value);
  new Idle(begun, () => {
    wipe();
    home();
    announce(say("idle.cleared"));
  });
  return null;
}

start();
