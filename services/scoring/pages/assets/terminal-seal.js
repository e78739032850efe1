// Seals a ballot to the meeting's key (protocol B): canonical JSON, padded to the meeting's size, HPKE (RFC 9180).
// docs/terminals.md says the same in words; services/scoring/domain/ballot.py opens it.
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "./vendor-hpke.js";

const bytes = (text) => new TextEncoder().encode(text);

// RFC 8785 for what a ballot holds: objects of texts. Sorting by UTF-16 code units is what `sort` does.
function canonical(thing) {
  if (typeof thing === "string") return JSON.stringify(thing);
  const members = Object.keys(thing).sort().map((key) => `${JSON.stringify(key)}:${canonical(thing[key])}`);
  return `{${members.join(",")}}`;
}

function fromBase64Url(text) {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

function toBase64(...parts) {
  let binary = "";
  for (const part of parts) for (const byte of new Uint8Array(part)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

// Base64 of 65 bytes of key ‖ ciphertext. marks: {unit: {dimension: choice}}.
export async function sealed(form, hash, marks) {
  const ballot = bytes(canonical({ meeting: form.meeting, marks }));
  if (ballot.length > form.form.size) throw new Error("the ballot is longer than the meeting's size");
  const padded = new Uint8Array(form.form.size).fill(0x20);
  padded.set(ballot);
  const suite = new CipherSuite({
    kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm(),
  });
  const recipientPublicKey = await suite.kem.deserializePublicKey(fromBase64Url(form.public_key));
  const info = bytes(["minping.ballot.v1", form.meeting, hash].join("\x1f"));
  const sender = await suite.createSenderContext({ recipientPublicKey, info });
  return toBase64(sender.enc, await sender.seal(padded));
}
