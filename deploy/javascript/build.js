// Bundles what the pages take from others into services/scoring/pages/assets, one file a library, and writes down what
// it is made of. Run by hand, with a registry within reach:  cd deploy/javascript && npm ci && npm run build
// A second run writes the same bytes. tests/unit/scoring/test_vendored.py compares what is committed with package.json.
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, "../../services/scoring/pages/assets");
const tests = join(here, "../../tests/support/vendored");

const bundles = {
  "vendor-hpke.js": ["@hpke/core", "@hpke/common"],
  "vendor-qrcode.js": ["qrcode-generator"],
  "vendor-jsqr.js": ["jsqr"],
  "sign-scrypt.js": ["@noble/hashes"],
};
const entries = {
  "vendor-hpke.js": 'export { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";',
  "vendor-qrcode.js": 'export { default } from "qrcode-generator";',
  "sign-scrypt.js": 'export { scryptAsync } from "@noble/hashes/scrypt.js";',
  "vendor-jsqr.js": 'export { default } from "jsqr";',
};

const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
const about = (name) => JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8"));

// qrcode-generator and @hpke/common ship no licence file of their own.
function licence(name) {
  if (name === "qrcode-generator") {
    const header = readFileSync(join(here, "node_modules", name, "dist/qrcode.mjs"), "utf8");
    return header.slice(0, header.indexOf("\n\n")).replaceAll(/^\/\/ ?/gm, "").replaceAll(/-{3,}\n?/g, "").trim();
  }
  return readFileSync(join(here, "node_modules", name === "@hpke/common" ? "@hpke/core" : name, "LICENSE"), "utf8");
}

const made = {};
for (const [file, names] of Object.entries(bundles)) {
  const versions = names.map((name) => `${name} ${about(name).version} (${about(name).license})`).join(", ");
  await build({
    stdin: { contents: entries[file], resolveDir: here },
    outfile: join(assets, file),
    bundle: true,
    format: "esm",
    minify: true,
    legalComments: "none",
    target: "es2020",
    charset: "utf8",
    banner: { js: `/* ${versions}: bundled by deploy/javascript, licences in vendor-licences.txt */` },
  });
  made[file] = {
    packages: Object.fromEntries(names.map((name) => [name, about(name).version])),
    sha256: sha256(join(assets, file)),
  };
}
copyFileSync(join(here, "node_modules/axe-core/axe.min.js"), join(tests, "axe.min.js"));
made["axe.min.js"] = {
  packages: { "axe-core": about("axe-core").version },
  sha256: sha256(join(tests, "axe.min.js")),
};
const shipped = [...new Set(Object.values(bundles).flat())];
writeFileSync(
  join(assets, "vendor-licences.txt"),
  shipped.map((name) => `${name} ${about(name).version}\n\n${licence(name).trim()}\n`).join("\n\n---\n\n"),
);
const built = {
  inputs: { "package.json": sha256(join(here, "package.json")), "package-lock.json": sha256(join(here, "package-lock.json")), "build.js": sha256(join(here, "build.js")) },
  built_with: { esbuild: about("esbuild").version },
  files: made,
};
writeFileSync(join(here, "built.json"), `${JSON.stringify(built, null, 2)}\n`);
