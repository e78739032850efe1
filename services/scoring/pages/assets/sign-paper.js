// What is put before the signer: the figures of the manifest, after this page has computed itself that the root of the
// checkpoint holds exactly these (RFC 9162: the manifest is leaf 0, so every hash of its path stands to the right).
import { base64 } from "./sign-key.js";

const utf8 = new TextEncoder();
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (two) => parseInt(two, 16));

/** {checkpoint, manifest, root}. Throws "paper" where root and figures do not fit: nobody should sign that. */
export async function readPaper(paper, meeting) {
  const manifest = JSON.parse(paper.manifest);
  let hash = await sha256(Uint8Array.from([0, ...utf8.encode(paper.manifest)]));
  for (const sibling of paper.path) hash = await sha256(Uint8Array.from([1, ...hash, ...fromHex(sibling)]));
  const first = ["minping", ...(manifest.rehearsal ? ["rehearsal"] : []), manifest.programme, manifest.cycle, manifest.meeting];
  const size = manifest.counts.valid + 1;
  const depth = Math.ceil(Math.log2(size));
  const expected = `${first.join("/")}\n${size}\n${base64(hash)}\n`;
  if (paper.kind !== "minping.signing.v1" || manifest.kind !== "minping.seal.v1" || paper.path.length !== depth) throw new Error("paper");
  if (expected !== paper.checkpoint || manifest.meeting !== meeting) throw new Error("paper");
  return { checkpoint: paper.checkpoint, manifest, root: base64(hash), code: await shortCode(paper.checkpoint) };
}

/** Twelve digits to be read aloud and compared by everybody who signs. */
async function shortCode(checkpoint) {
  const bytes = (await sha256(utf8.encode(checkpoint))).slice(0, 8);
  const number = bytes.reduce((sum, b) => sum * 256n + BigInt(b), 0n) % 10n ** 12n;
  return number.toString().padStart(12, "0").replace(/(.{4})(?=.)/g, "$1 ");
}
