// A signing key and its file: PKCS 8 under scrypt and AES-256-CBC (RFC 8018, RFC 7914), the same as `minping teller key`
// writes. Once read or made, the key in the page cannot be taken out of it again.
import { scryptAsync } from "./sign-scrypt.js";

const TITLE = "minping signing key 民评签名私钥（已加密）";
const LABEL = "ENCRYPTED PRIVATE KEY";
const SCRYPT = { N: 16384, r: 8, p: 5 };
const MOST = 128 * 1024 * 1024; // bytes of memory that a file may ask for
const OID = {
  pbes2: "2a864886f70d01050d",
  scrypt: "2b06010401da47040b",
  aes: "60864801650304012a",
};
const utf8 = new TextEncoder();

export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
export const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const fromHex = (text) => Uint8Array.from(text.match(/../g), (two) => parseInt(two, 16));

export async function supported() {
  try {
    await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
    return true;
  } catch {
    return false; // no secure context, or a browser without Ed25519
  }
}

// --- DER, as little as the file needs

function der(tag, ...parts) {
  const body = join(...parts);
  const size = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return join([tag], size, body);
}

function number(value) {
  const bytes = [];
  for (let left = value; left > 0; left = Math.floor(left / 256)) bytes.unshift(left & 255);
  return der(2, bytes[0] & 128 ? [0, ...bytes] : bytes);
}

function read(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at];
    let size = bytes[at + 1];
    at += 2;
    if (size & 128) {
      const digits = size & 127;
      if (digits < 1 || digits > 3) throw new Error("der");
      size = bytes.slice(at, at + digits).reduce((sum, b) => sum * 256 + b, 0);
      at += digits;
    }
    if (!(at + size <= bytes.length)) throw new Error("der");
    found.push({ tag, bytes: bytes.slice(at, at + size) });
    at += size;
  }
  return found;
}

const whole = (item) => item.bytes.reduce((sum, b) => sum * 256 + b, 0);

// --- the key

async function lock(passphrase, salt, { N, r, p }) {
  const raw = await scryptAsync(utf8.encode(passphrase), salt, { N, r, p, dkLen: 32, maxmem: MOST });
  return crypto.subtle.importKey("raw", raw, "AES-CBC", false, ["encrypt", "decrypt"]);
}

async function keyId(name, pub) {
  const data = join(utf8.encode(`${name}\n`), [1], pub);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data)).slice(0, 4);
}

async function vkeyOf(name, pub) {
  return `${name}+${hex(await keyId(name, pub))}+${base64(join([1], pub))}`;
}

/** A new key: the signer, its vkey, and the text of the file that the teller keeps. */
export async function make(name, passphrase) {
  const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
  const plain = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  const pub = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(16));
  const under = await lock(passphrase, salt, SCRYPT);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-CBC", iv }, under, plain));
  const kdf = der(0x30, der(6, fromHex(OID.scrypt)), der(0x30, der(4, salt), number(SCRYPT.N), number(SCRYPT.r), number(SCRYPT.p)));
  const cipher = der(0x30, der(6, fromHex(OID.aes)), der(4, iv));
  const file = der(0x30, der(0x30, der(6, fromHex(OID.pbes2)), der(0x30, kdf, cipher)), der(4, sealed));
  const vkey = await vkeyOf(name, pub);
  const body = base64(file).match(/.{1,64}/g).join("\n");
  const text = `${TITLE}\nname: ${name}\nvkey: ${vkey}\n\n-----BEGIN ${LABEL}-----\n${body}\n-----END ${LABEL}-----\n`;
  return { ...(await signerOf(name, plain, pub)), vkey, text };
}

/** The signer in a file. Throws "file" for what is no key file, "passphrase" for a wrong one. */
export async function open(text, passphrase) {
  const name = /^name: (\S+)$/m.exec(text)?.[1];
  const vkey = /^vkey: (\S+)$/m.exec(text)?.[1];
  const body = new RegExp(`-----BEGIN ${LABEL}-----([A-Za-z0-9+/=\\s]+)-----END ${LABEL}-----`).exec(text)?.[1];
  if (!name || !vkey || !body) throw new Error("file");
  let kdf, salt, iv, sealed;
  try {
    const [whole_] = read(fromBase64(body.replace(/\s/g, "")));
    const [algorithm, data] = read(whole_.bytes);
    const [pbes2, parameters] = read(algorithm.bytes);
    const [derivation, cipher] = read(parameters.bytes).map((item) => read(item.bytes));
    if (hex(pbes2.bytes) !== OID.pbes2 || hex(derivation[0].bytes) !== OID.scrypt || hex(cipher[0].bytes) !== OID.aes) throw new Error("file");
    const [first, ...costs] = read(derivation[1].bytes);
    [salt, iv, sealed] = [first.bytes, cipher[1].bytes, data.bytes];
    kdf = { N: whole(costs[0]), r: whole(costs[1]), p: whole(costs[2]) };
    if (128 * kdf.N * kdf.r > MOST || kdf.p > 64) throw new Error("file");
  } catch {
    throw new Error("file");
  }
  let plain;
  try {
    const under = await lock(passphrase, salt, kdf);
    plain = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, under, sealed));
  } catch {
    throw new Error("passphrase");
  }
  const pub = fromBase64(vkey.split("+").slice(2).join("+")).slice(1);
  if ((await vkeyOf(name, pub)) !== vkey) throw new Error("file");
  const found = await signerOf(name, plain, pub);
  if (!(await found.fits())) throw new Error("file");
  return { ...found, vkey };
}

async function signerOf(name, plain, pub) {
  const key = await crypto.subtle.importKey("pkcs8", plain, { name: "Ed25519" }, false, ["sign"]);
  plain.fill(0);
  const sign = async (text) => new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, key, utf8.encode(text)));
  const check = await crypto.subtle.importKey("raw", pub, { name: "Ed25519" }, true, ["verify"]);
  return {
    name,
    /** A signature line of a C2SP signed note. */
    line: async (text) => `— ${name} ${base64(join(await keyId(name, pub), await sign(text)))}\n`,
    /** Whether private and public half belong together. */
    fits: async () => crypto.subtle.verify({ name: "Ed25519" }, check, await sign("minping"), utf8.encode("minping")),
  };
}
