// A card's text (protocol B): 26 digits of Crockford's base 32 and 2 check digits, Reed–Solomon over GF(32).
// The same check as services/scoring/domain/cards.py, here so that a typing error is told at once, also offline.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP = 4;
export const DIGITS = 28;

const value = new Map([...ALPHABET].map((c, i) => [c, i]));
value.set("O", 0).set("I", 1).set("L", 1);

const power = [];
const log = new Array(32).fill(0);
for (let i = 0, x = 1; i < 31; i += 1) {
  power.push(x);
  log[x] = i;
  x <<= 1;
  if (x & 32) x ^= 0b100101;
}
const times = (a, exponent) => (a ? power[(log[a] + exponent) % 31] : 0);

function syndromes(digits) {
  let first = 0;
  let second = 0;
  digits.forEach((digit, i) => {
    first ^= times(digit, i);
    second ^= times(digit, 2 * i);
  });
  return [first, second];
}

// What was typed or scanned without spaces and dashes, in our digits; wide letters of a Chinese keyboard are taken too.
export function plain(typed) {
  const found = typed.normalize("NFKC").toUpperCase().replace(/[\s\-‐-―－]/g, "");
  return found.replace(/O/g, "0").replace(/[IL]/g, "1");
}

// In groups of four, as it is printed.
export function grouped(text) {
  return (text.match(new RegExp(`.{1,${GROUP}}`, "g")) || []).join("-");
}

// {text} of a right card, or {problem, place}: "short", "long", "strange" (place: which character), "typo" (place: the
// group in which it would be if only one character is wrong, else 0).
export function read(typed) {
  const text = plain(typed);
  const strange = [...text].findIndex((c) => !value.has(c));
  if (strange >= 0) return { problem: "strange", place: strange + 1 };
  if (text.length !== DIGITS) return { problem: text.length < DIGITS ? "short" : "long", place: text.length };
  const digits = [...text].map((c) => value.get(c));
  const [first, second] = syndromes(digits);
  if (first || second) return { problem: "typo", place: first && second ? group(first, second) : 0 };
  if (digits[0] > 7) return { problem: "typo", place: 1 };
  return { text: grouped(text) };
}

function group(first, second) {
  const place = (log[second] - log[first] + 31) % 31;
  return place < DIGITS ? Math.floor(place / GROUP) + 1 : 0;
}

// SHA-256 of the card's 16 bytes in hex: all that the server keeps of a card.
export async function tokenHash(text) {
  let number = 0n;
  for (const c of plain(text).slice(0, 26)) number = (number << 5n) | BigInt(value.get(c));
  const token = new Uint8Array(16);
  for (let i = 15; i >= 0; i -= 1, number >>= 8n) token[i] = Number(number & 255n);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", token));
  return [...digest].map((b) => b.toString(16).padStart(2, "0")).join("");
}
