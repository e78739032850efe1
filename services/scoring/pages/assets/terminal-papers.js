// What a unit has told and what is on record about it: its statement and its fact sheet, folded away under its name.
import { el, say } from "./terminal-dom.js";

const SOLVED = ["solved", "solved_unconfirmed"];

export function papers(unit) {
  const parts = [];
  if (unit.sheet) parts.push(folded("unit.facts", sheet(unit.sheet)));
  if (unit.said && unit.said.text) parts.push(folded("unit.statement", el("p", { class: "said" }, unit.said.text)));
  else if (unit.said && unit.said.kind === "oral") parts.push(el("p", { class: "hint" }, say("unit.spoken")));
  return parts;
}

const folded = (name, content) => el("details", {}, el("summary", {}, say(name)), content);

function sheet({ duties, remarks, facts }) {
  const { cases } = facts;
  const solved = SOLVED.reduce((sum, outcome) => sum + (cases.outcomes[outcome] || 0), 0);
  const rows = [
    [duties, "duties", duties],
    [true, "cases", say("sheet.cases_text", { ...cases, solved, open: cases.outcomes.open || 0 })],
    [facts.promises.length, "promises", el("ul", {}, facts.promises.map(promise))],
    [facts.earlier.length, "earlier", el("ul", {}, facts.earlier.map(earlier))],
    [remarks, "remarks", remarks],
  ];
  const shown = rows.filter(([there]) => there);
  return el("dl", { class: "facts" },
    shown.flatMap(([, name, text]) => [el("dt", {}, say(`sheet.${name}`)), el("dd", {}, text)]));
}

const promise = ({ text, due, state }) => el("li", {}, `${text}（${due ? `${due} · ` : ""}${say(`promise.${state}`)}）`);

const earlier = (result) => el("li", {}, say("sheet.earlier_text", {
  cycle: result.cycle, composite: result.composite || "—", rank: result.rank || "—",
}));
