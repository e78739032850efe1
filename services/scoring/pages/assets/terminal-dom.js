// Elements, words in two languages, and what a screen reader is told. Text is only ever set as text.
import qrcode from "./vendor-qrcode.js";

export const data = JSON.parse(document.getElementById("data").textContent);
let language = data.language;

export const spoken = () => language;

export function speak(wanted) {
  language = wanted;
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
}

// The text of a key with {name} filled in.
export function say(key, values = {}) {
  const text = data.texts[language][key];
  if (text === undefined) throw new Error(`no such text: ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// el("button", {class: "big", onclick: act}, "text", child): attributes, listeners for on…, and children.
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

// A screen: its parts take the place of the last one, and its heading (or `focus`) gets the focus.
export function show(name, ...parts) {
  const main = document.getElementById("main");
  main.className = `view-${name}`;
  main.replaceChildren(...parts.flat().filter(Boolean));
  window.scrollTo(0, 0);
  const heading = main.querySelector("[data-focus]") || main.querySelector("h1");
  if (heading.tagName === "H1") heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

export const title = (text, ...more) => el("h1", {}, text, ...more);

export const button = (text, act, kind = "") => el("button", { type: "button", class: kind, onclick: act }, text);

// Said by screen readers at once, and seen by nobody.
export function announce(text) {
  document.getElementById("live").textContent = text;
}

// A QR code as a picture of squares, with words for who does not see it.
export function qr(text, label) {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  const quiet = 4;
  const size = count + 2 * quiet;
  let squares = "";
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1) {
      if (code.isDark(row, column)) squares += `M${column + quiet} ${row + quiet}h1v1h-1z`;
    }
  }
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const draw = (name, attributes) => {
    const part = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => part.setAttribute(key, value));
    svg.append(part);
  };
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.setAttribute("data-text", text);
  draw("rect", { width: size, height: size, fill: "#fff" });
  draw("path", { d: squares, fill: "#000" });
  return svg;
}
