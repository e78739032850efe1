// The ballot on the screen: a unit after the other, the overview of everything, and the last question.
import { announce, button, el, say, show, spoken, title } from "./terminal-dom.js";
import { papers } from "./terminal-papers.js";

// A ballot being filled. It knows the form and the marks and nothing of the network; `changed` keeps it over a reload.
export class Paper {
  constructor(form, labels, kept, changed) {
    this.form = form;
    this.labels = labels;
    this.marks = kept.marks || {};
    this.at = kept.at || 0;
    this.changed = changed;
    this.choices = [...form.grades, { key: form.abstain, label: "" }];
  }

  // A dimension's or grade's name in the reader's language; the form's own where the programme has none.
  label(kind, thing) {
    const both = (this.labels[kind] || {})[thing.key];
    return (both && both[spoken()]) || thing.label || thing.key;
  }

  choice(key) { return this.label("choices", this.choices.find((c) => c.key === key)); }

  name(unit) { return (spoken() === "en" && unit.name_en) || unit.name; }

  // {choice: [dimension, …]} of a unit; "" holds those that are not marked.
  grouped(unit) {
    const found = new Map([...this.choices.map((c) => [c.key, []]), ["", []]]);
    const row = this.marks[unit.key] || {};
    for (const dimension of this.form.dimensions) found.get(row[dimension.key] || "").push(dimension);
    return [...found].filter(([, dimensions]) => dimensions.length);
  }

  count(unit) { return Object.keys(this.marks[unit.key] || {}).length; }

  whole(unit) { return this.count(unit) === this.form.dimensions.length; }

  // How many units are marked wholly, and how many single marks are missing.
  get standing() {
    const units = this.form.units;
    const marks = units.reduce((sum, unit) => sum + this.count(unit), 0);
    return {
      whole: units.filter((unit) => this.whole(unit)).length,
      missing: units.length * this.form.dimensions.length - marks,
    };
  }

  mark(unit, dimension, choice) {
    this.marks[unit.key] = { ...(this.marks[unit.key] || {}), [dimension.key]: choice };
    this.changed();
  }

  markAll(unit, choice) {
    this.marks[unit.key] = Object.fromEntries(this.form.dimensions.map((d) => [d.key, choice]));
    this.changed();
  }

  forget() {
    this.marks = {};
    this.form = null;
  }
}

// One unit. go(view): "unit" (paper.at says which) or "overview".
export function showUnit(paper, go) {
  const { form } = paper;
  const unit = form.units[paper.at];
  const last = paper.at === form.units.length - 1;
  const state = el("span", { class: "state" });
  const radios = [];

  const refresh = () => {
    const row = paper.marks[unit.key] || {};
    radios.forEach((radio) => { radio.checked = row[radio.dataset.dimension] === radio.value; });
    state.textContent = paper.whole(unit)
      ? say("unit.whole")
      : say("unit.count", { count: paper.count(unit), of: form.dimensions.length });
    state.classList.toggle("whole", paper.whole(unit));
    bar.value = paper.standing.whole;
  };

  const all = el("div", { class: "all", role: "group", "aria-labelledby": "all" },
    el("span", { id: "all" }, say("unit.all")),
    paper.choices.map((choice) => button(paper.label("choices", choice), () => {
      paper.markAll(unit, choice.key);
      refresh();
      announce(say("unit.all_done", { choice: paper.label("choices", choice) }));
    }, `second tone-${tone(paper, choice.key)}`)));

  const fields = form.dimensions.map((dimension) => el("fieldset", { class: "dimension" },
    el("legend", {}, paper.label("dimensions", dimension)),
    el("div", { class: "grades" }, paper.choices.map((choice) => {
      const radio = el("input", {
        type: "radio", name: dimension.key, value: choice.key, "data-dimension": dimension.key, autocomplete: "off",
        onchange: () => { paper.mark(unit, dimension, choice.key); refresh(); },
      });
      radios.push(radio);
      return el("label", { class: `grade tone-${tone(paper, choice.key)}` }, radio,
        el("span", {}, paper.label("choices", choice)));
    }))));

  const bar = el("progress", { max: form.units.length, "aria-label": say("unit.progress") });
  const move = (step) => { paper.at += step; go("unit"); };
  show("unit",
    el("div", { class: "where" },
      el("span", {}, say("unit.place", { number: paper.at + 1, of: form.units.length })), bar, state),
    el("div", { class: "heading" }, title(paper.name(unit)), papers(unit)),
    all, fields,
    el("nav", { class: "bottom", "aria-label": say("nav") },
      el("button", { type: "button", class: "second", disabled: paper.at === 0, onclick: () => move(-1) },
        `← ${say("unit.back")}`),
      button(say("overview.title"), () => go("overview"), "second"),
      button(last ? say("unit.to_overview") : `${say("unit.next")} →`, () => (last ? go("overview") : move(1)))));
  refresh();
}

// Grades from best to worst are coloured; the abstention is grey.
function tone(paper, key) {
  const place = paper.form.grades.findIndex((grade) => grade.key === key);
  if (place < 0) return "none";
  return place === 0 ? "best" : place === paper.form.grades.length - 1 ? "worst" : "middle";
}

// Everything at a glance; each unit leads back to its page.
export function showOverview(paper, go) {
  const { form } = paper;
  const { whole, missing } = paper.standing;
  const cards = form.units.map((unit, place) => {
    const lines = paper.grouped(unit).map(([choice, dimensions]) => {
      const name = choice === "" ? say("overview.unmarked") : paper.choice(choice);
      const which = dimensions.length === form.dimensions.length
        ? say("overview.all") : dimensions.map((d) => paper.label("dimensions", d)).join(say("comma"));
      return el("li", { class: choice === "" ? "tone-missing" : `tone-${tone(paper, choice)}` },
        el("b", {}, name), ` ${which}`);
    });
    return el("li", { class: paper.whole(unit) ? "whole" : "open" },
      el("button", {
        type: "button", class: "jump", onclick: () => { paper.at = place; go("unit"); },
        "aria-label": say("overview.change", { unit: paper.name(unit) }),
      }, el("span", { class: "number" }, String(place + 1)), paper.name(unit)),
      el("ul", {}, lines));
  });
  show("overview",
    title(say("overview.title")),
    el("p", { class: missing ? "notice" : "notice good" }, missing
      ? say("overview.missing", { whole, of: form.units.length, missing })
      : say("overview.complete", { of: form.units.length })),
    el("ol", { class: "units" }, cards),
    el("nav", { class: "bottom", "aria-label": say("nav") },
      button(`← ${say("overview.back")}`, () => go("unit"), "second"),
      button(say("overview.done"), () => go("confirm"))));
}

// The last question: from here nothing can be changed.
export function showConfirm(paper, go, confirm) {
  const { whole, missing } = paper.standing;
  show("confirm",
    title(say("confirm.title")),
    el("p", { class: "lead" }, say("confirm.lead")),
    el("p", { class: missing ? "notice bad" : "notice good" }, missing
      ? say("confirm.missing", { whole, of: paper.form.units.length, missing })
      : say("overview.complete", { of: paper.form.units.length })),
    el("nav", { class: "bottom", "aria-label": say("nav") },
      button(`← ${say("confirm.back")}`, () => go("overview"), "second"),
      el("button", { type: "button", class: "vote", onclick: (event) => { event.currentTarget.disabled = true; confirm(); } },
        say("confirm.vote"))));
}
