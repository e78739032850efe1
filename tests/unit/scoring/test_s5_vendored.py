"""What pages take from others is exactly what `deploy/javascript` builds: versions, hashes, licences (S5).

To build it anew, with a registry within reach: `cd deploy/javascript && npm ci && npm run build`: the same bytes.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
JAVASCRIPT = ROOT / "deploy" / "javascript"
ASSETS = ROOT / "services" / "scoring" / "pages" / "assets"
TESTS = ROOT / "tests" / "support" / "vendored"
BUILT: dict[str, Any] = json.loads((JAVASCRIPT / "built.json").read_text())
PACKAGES: dict[str, Any] = json.loads((JAVASCRIPT / "package.json").read_text())
LOCK: dict[str, Any] = json.loads((JAVASCRIPT / "package-lock.json").read_text())["packages"]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def place(name: str) -> Path:
    return TESTS / name if name.startswith("axe") else ASSETS / name


def test_s5_the_committed_bundles_are_those_that_were_built() -> None:
    bundled = {path.name for path in ASSETS.glob("*.js") if "bundled by deploy/javascript" in path.read_text()[:300]}
    assert bundled | {path.name for path in TESTS.glob("*.js")} == BUILT["files"].keys()
    for name, made in BUILT["files"].items():
        assert sha256(place(name)) == made["sha256"], f"{name}: changed by hand; see deploy/javascript"


def test_s5_they_were_built_from_these_very_inputs() -> None:
    for name, digest in BUILT["inputs"].items():
        assert sha256(JAVASCRIPT / name) == digest, f"{name} changed: cd deploy/javascript && npm ci && npm run build"
    assert BUILT["built_with"]["esbuild"] == PACKAGES["devDependencies"]["esbuild"]


def test_s5_versions_are_exact_and_those_of_the_lock() -> None:
    wanted = {**PACKAGES["dependencies"], **PACKAGES["devDependencies"]}
    assert all(version.replace(".", "").isdigit() for version in wanted.values()), "no ranges"
    for made in BUILT["files"].values():
        for name, version in made["packages"].items():
            locked = LOCK[f"node_modules/{name}"]
            assert locked["version"] == version and locked["integrity"].startswith("sha512-")


def test_s5_every_bundle_says_what_is_in_it_and_under_which_licence() -> None:
    licences = (ASSETS / "vendor-licences.txt").read_text()
    for name, made in BUILT["files"].items():
        for package, version in made["packages"].items():
            if not name.startswith("axe"):
                assert f"{package} {version}" in licences
                assert f"{package} {version}" in (ASSETS / name).read_text()[:300]
