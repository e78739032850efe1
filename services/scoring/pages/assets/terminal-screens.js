// The screens around the ballot: choose, wait, card, thank-you, and what tellers look at.
import * as cards from "./terminal-card.js";
import { announce, button, el, qr, say, show, title } from "./terminal-dom.js";
import { Scanner } from "./terminal-scan.js";

// meetings: [{meeting, date, rehearsal}]; null while nobody has answered.
export function showChoose(meetings, chosen) {
  const list = meetings && meetings.length
    ? el("ul", { class: "meetings" }, meetings.map((m) => el("li", {},
      button(`${m.meeting} · ${m.date}${m.rehearsal ? ` · ${say("rehearsal")}` : ""}`, () => chosen(m.meeting), "second"))))
    : el("p", { class: "notice" }, say(meetings ? "choose.none" : "choose.away"));
  show("choose", title(say("choose.title")), list);
}

// why: a key of wait.*: not_open, halted, closed, sign_in, no_meeting, no_key, insecure, unable, fault.
export function showWait(why, address) {
  show("wait",
    title(say(`wait.${why}.title`)),
    el("p", { class: "lead" }, say(`wait.${why}.text`)),
    address ? el("p", {}, el("a", { class: "button", href: address }, address)) : null);
}

// The card. given(text) answers a key of card.* that says why not, or nothing.
export class CardScreen {
  constructor(scanner, given) {
    this.scanner = scanner;
    this.given = given;
    this.busy = false;
  }

  show() {
    this.input = el("input", {
      type: "text", id: "card", class: "card", maxlength: 60, autocomplete: "off", autocapitalize: "characters",
      autocorrect: "off", spellcheck: "false", enterkeyhint: "go", inputmode: "none", lang: "en",
      placeholder: "XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX",
      "aria-describedby": "card-hint card-said", "data-focus": true,
      onpointerdown: () => { this.input.inputMode = "text"; },
      oninput: (event) => this._typed(event),
    });
    this.said = el("p", { id: "card-said", class: "said-card", role: "status" });
    this.video = el("video", { class: "camera", muted: true, playsinline: true, hidden: true, "aria-hidden": "true" });
    this.camera = button(say("card.camera"), () => this._camera(), "second");
    this.turn = button(say("card.turn"), () => this._turn(), "second");
    this.turn.hidden = true;
    show("card",
      title(say("card.title")),
      el("p", { class: "lead", id: "card-hint" }, say("card.lead")),
      el("form", { onsubmit: (event) => { event.preventDefault(); this._check(this.input.value, true); } },
        el("label", { for: "card" }, say("card.label")),
        this.input, this.said,
        el("div", { class: "row" },
          el("button", { type: "submit" }, say("card.go")),
          Scanner.possible() ? [this.camera, this.turn] : null)),
      this.video);
  }

  // A scanner that types does so wherever the focus is.
  keydown(event) {
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey
        && !(event.target instanceof HTMLInputElement) && !(event.target instanceof HTMLButtonElement && event.key === " ")) {
      this.input.focus();
    }
  }

  _typed(event) {
    const { input } = this;
    const atEnd = input.selectionStart === input.value.length;
    const text = cards.plain(input.value);
    if (atEnd && !event.isComposing) input.value = cards.grouped(text);
    const found = cards.read(input.value);
    const finished = text.length >= cards.DIGITS;
    if (found.problem && (finished || found.problem === "strange")) this._say(`card.${found.problem}`, found.place, true);
    else if (found.problem) this._say("card.count", text.length, false);
    else this._say("card.right", 0, false);
  }

  _say(key, place, wrong) {
    this.said.textContent = say(key === "card.typo" && place ? "card.typo_near" : key, { place, count: place, of: cards.DIGITS });
    this.said.classList.toggle("wrong", wrong);
    this.said.classList.toggle("right", key === "card.right");
    if (wrong) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  // typed: by hand or by a scanner that types; a camera sees many codes that are no cards, and says nothing then.
  async _check(text, typed) {
    const found = cards.read(text);
    if (this.busy || (found.problem && !typed)) return;
    if (found.problem) {
      this._say(`card.${found.problem}`, found.place, true);
      this.input.focus();
      return;
    }
    this.busy = true;
    this.said.textContent = say("card.checking");
    const why = await this.given(found.text).finally(() => { this.busy = false; });
    if (why && this.said.isConnected) {
      this._say(`card.${why}`, 0, true);
      this.input.value = "";
      this.input.focus();
    }
  }

  async _camera() {
    if (this.scanner.running) {
      this._stop();
      return;
    }
    await this._watch(() => this.scanner.start(this.video, (text) => this._check(text, false)));
  }

  async _turn() { await this._watch(() => this.scanner.turn(this.video, (text) => this._check(text, false))); }

  async _watch(start) {
    try {
      this.video.hidden = false;
      await start();
      this.camera.textContent = say("card.camera_off");
      this.turn.hidden = false;
      announce(say("card.camera_on"));
    } catch {
      this._stop();
      this._say("card.no_camera", 0, true);
    }
  }

  _stop() {
    this.scanner.stop();
    this.video.hidden = this.turn.hidden = true;
    this.camera.textContent = say("card.camera");
  }
}

export function showSending() {
  show("sending", title(say("sending.title")), el("p", { class: "lead" }, say("sending.text")));
}

// The receipt of a ballot that was sent, or that is saved here; `seconds` counts down to the next person.
export function showThanks(how, receipt, next) {
  const seconds = el("b", { class: "seconds" });
  show(how,
    el("div", { class: "mark", "aria-hidden": "true" }, how === "thanks" ? "✓" : "…"),
    title(say(`${how}.title`)),
    el("p", { class: "lead" }, say(`${how}.text`)),
    el("div", { class: "receipt" },
      qr(receipt.address, say("receipt.qr")),
      el("div", {},
        el("h2", {}, say("receipt.title")),
        el("p", {}, say("receipt.text")),
        el("p", { class: "hash", lang: "en" }, receipt.hash.match(/.{1,8}/g).join(" ")))),
    el("nav", { class: "bottom", "aria-label": say("nav") },
      el("button", { type: "button", onclick: next }, say("receipt.next"), " (", seconds, ")")));
  return (left) => { seconds.textContent = String(left); };
}

// A ballot that the server would not have: in plain words, and what to do.
export function showRefused(why, next) {
  show("refused",
    el("div", { class: "mark", "aria-hidden": "true" }, "!"),
    title(say("refused.title")),
    el("p", { class: "lead" }, say(`why.${why}`)),
    el("p", { class: "notice bad" }, say("refused.teller")),
    el("nav", { class: "bottom", "aria-label": say("nav") }, button(say("receipt.next"), next, "second")));
}

// For tellers: what waits on this terminal, and what was refused. Never a mark, never a card.
export function showWaiting(ballots, keeps, actions) {
  const waiting = ballots.filter((b) => b.state === "waiting");
  const rows = ballots.map((b) => el("li", { class: b.state },
    el("span", { class: "hash", lang: "en" }, `${b.hash.slice(0, 8)}…`),
    el("span", {}, `${b.meeting} · ${say(`state.${b.state}`)}`, b.why ? ` · ${say(`why.${b.why}`)}` : ""),
    b.state === "refused"
      ? el("span", { class: "row" }, button(say("waiting.again"), () => actions.again(b), "second"),
        button(say("waiting.remove"), (event) => sure(event.currentTarget, () => actions.remove(b)), "second"))
      : null));
  show("waiting",
    title(say("waiting.title")),
    el("p", { class: "lead" }, ballots.length ? say("waiting.text", { count: waiting.length }) : say("waiting.none")),
    keeps ? null : el("p", { class: "notice bad" }, say("waiting.not_kept")),
    el("ul", { class: "ballots" }, rows),
    el("nav", { class: "bottom", "aria-label": say("nav") },
      button(`← ${say("waiting.back")}`, actions.back, "second"),
      waiting.length ? button(say("waiting.now"), actions.now) : null));
}

// A second press within the question removes; anything else leaves it.
function sure(pressed, act) {
  if (pressed.dataset.sure) act();
  else {
    pressed.dataset.sure = "yes";
    pressed.textContent = say("waiting.sure");
    announce(say("waiting.sure"));
  }
}
