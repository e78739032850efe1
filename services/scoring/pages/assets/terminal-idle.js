// An abandoned screen: a warning, then everything of it is cleared for the next person.
import { data, el, say } from "./terminal-dom.js";

const EVERY = 1000;

export class Idle {
  // over(): nobody answered the warning. watching(): is there anything to clear?
  constructor(watching, over) {
    this.watching = watching;
    this.over = over;
    this.seen = Date.now();
    for (const kind of ["pointerdown", "keydown", "input", "scroll"]) {
      document.addEventListener(kind, () => this._noticed(), { capture: true, passive: true });
    }
    this.count = el("b", { role: "timer" });
    // any tap on the warning answers it, also beside its button
    this.box = el("dialog", {
      class: "idle", "aria-labelledby": "idle-title", onclick: () => this.alive(), oncancel: () => this.alive(),
    });
    document.body.append(this.box);
    setInterval(() => this._look(), EVERY);
  }

  alive() {
    this.seen = Date.now();
    if (this.box.open) this.box.close();
  }

  // What lies under the warning must not be tapped by answering it.
  _noticed() {
    if (!this.box.open) this.seen = Date.now();
  }

  _look() {
    const quiet = (Date.now() - this.seen) / 1000;
    if (!this.watching() || quiet < data.idle.warn) {
      if (this.box.open) this.box.close();
    } else if (quiet >= data.idle.warn + data.idle.clear) {
      this.box.close();
      this.alive();
      this.over();
    } else {
      if (!this.box.open) this._open();
      this.count.textContent = String(Math.ceil(data.idle.warn + data.idle.clear - quiet));
    }
  }

  _open() {
    this.box.replaceChildren(
      el("h2", { id: "idle-title" }, say("idle.title")),
      el("p", {}, say("idle.text"), " ", this.count, " ", say("seconds")),
      el("button", { type: "button" }, say("idle.stay")));
    this.box.showModal();
  }
}
