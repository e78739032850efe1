// Sealed ballots that wait for the server, in IndexedDB: they survive a reload, a restart and an hour without network.
// A ballot lies here as ciphertext with its card, under the card's hash: no time, no order, and never a mark in clear.
// It leaves when the server has answered that it has it.

const DB = "minping-terminal";
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
const PATIENCE = 15_000;
const REFUSED = { 404: "no_meeting", 413: "bad_ballot", 422: "bad_ballot" };

function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function open() {
  const request = indexedDB.open(DB, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("ballots", { keyPath: ["meeting", "hash"] });
    request.result.createObjectStore("forms", { keyPath: "meeting" });
  };
  return promised(request);
}

// A request that ends: its answer and JSON body, or null when nobody answered.
export async function ask(path, body, patience = PATIENCE) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), patience);
  const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  try {
    const answer = await fetch(path, {
      ...(body ? post : {}), cache: "no-store", credentials: "same-origin", redirect: "error", signal: giveUp.signal,
    });
    return { status: answer.status, body: await answer.json().catch(() => ({})) };
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

export const path = (meeting, rest) => `/api/v1/meetings/${encodeURIComponent(meeting)}/${rest}`;

export class Queue {
  // changed(): called whenever something was added, sent or refused.
  constructor(changed) {
    this.changed = changed;
    this.pause = FIRST_PAUSE;
    this.timer = 0;
    this.sending = null;
  }

  async start() {
    this.db = await open();
    window.addEventListener("online", () => this.now());
    this.now();
  }

  async _do(store, mode, act) {
    const transaction = this.db.transaction(store, mode, { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    const result = await promised(act(transaction.objectStore(store)));
    await done;
    return result;
  }

  ballots() { return this._do("ballots", "readonly", (s) => s.getAll()); }

  form(meeting) { return this._do("forms", "readonly", (s) => s.get(meeting)); }

  keepForm(form) { return this._do("forms", "readwrite", (s) => s.put(form)); }

  ballot(meeting, hash) { return this._do("ballots", "readonly", (s) => s.get([meeting, hash])); }

  // On the disk when this returns; a card that waits already is refused by the database.
  async add(ballot) {
    await this._do("ballots", "readwrite", (s) => s.add({ ...ballot, state: "waiting", why: "" }));
    this.changed();
  }

  async remove(meeting, hash) {
    await this._do("ballots", "readwrite", (s) => s.delete([meeting, hash]));
    this.changed();
  }

  async _mark(ballot, state, why) {
    if (ballot.state === state && ballot.why === why) return;
    await this._do("ballots", "readwrite", (s) => s.put({ ...ballot, state, why }));
    this.changed();
  }

  // A teller wants a refused ballot tried once more.
  async again(meeting, hash) {
    const ballot = await this.ballot(meeting, hash);
    if (ballot) await this._mark(ballot, "waiting", "");
    return this.now();
  }

  // Send what waits, now, and again later as long as something waits.
  now() {
    clearTimeout(this.timer);
    this.sending = (this.sending || Promise.resolve()).then(() => this._round());
    return this.sending;
  }

  async _round() {
    clearTimeout(this.timer);
    const alone = navigator.locks ? (act) => navigator.locks.request("minping-sender", act) : (act) => act();
    const left = await alone(async () => {
      const waiting = (await this.ballots()).filter((b) => b.state === "waiting");
      let kept = 0;
      for (const ballot of waiting) {
        if (await this._send(ballot)) kept += 1;
      }
      return kept;
    });
    this.pause = left ? Math.min(LONGEST_PAUSE, this.pause * 2) : FIRST_PAUSE;
    clearTimeout(this.timer);
    if (left) this.timer = setTimeout(() => this.now(), this.pause * (0.75 + Math.random() / 2));
  }

  // True if the ballot still waits. The very same bytes are sent each time, so a repeat is harmless.
  async _send(ballot) {
    const { meeting, hash, token, ciphertext } = ballot;
    const answer = await ask(path(meeting, "ballots"), { token, ciphertext });
    if (answer === null || answer.status >= 500 || answer.status === 429) return this._keep(ballot, "no_answer");
    if (answer.status === 401 || answer.status === 403) return this._keep(ballot, "sign_in");
    if ((answer.status === 201 || answer.status === 200) && answer.body.token_hash === hash) {
      await this.remove(meeting, hash);
      return false;
    }
    if (answer.status === 409 && answer.body.field === "token") return this._refuse(ballot, "used");
    if (answer.status === 409) return this._notOpen(ballot);
    if (answer.status === 422 && answer.body.field === "token") return this._refuse(ballot, "no_card");
    return this._refuse(ballot, REFUSED[answer.status] || "other");
  }

  // Ballots are not open: a meeting that is halted, or not open yet, goes on; one that is closed does not.
  async _notOpen(ballot) {
    const answer = await ask(path(ballot.meeting, "station"));
    const over = answer && answer.status === 200 && !answer.body.halted && OVER.has(answer.body.state);
    return over ? this._refuse(ballot, "closed") : this._keep(ballot, "not_open");
  }

  async _keep(ballot, why) {
    await this._mark(ballot, "waiting", why);
    return true;
  }

  async _refuse(ballot, why) {
    await this._mark(ballot, "refused", why);
    return false;
  }
}

export const OVER = new Set(["closed", "counted", "sealed", "published", "void"]);
