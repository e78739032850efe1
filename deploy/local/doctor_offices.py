"""Looks several offices over: each as a house of its own, and what keeps them apart."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator, Sequence
from itertools import combinations
from pathlib import Path

from deploy.local.deployment import opened
from deploy.local.doctor import Finding, examine
from deploy.local.layout import Layout
from deploy.local.offices_root import FILING_PASSWORD, Noted, Root
from deploy.local.outside import Bus


async def examine_offices(root: Root) -> AsyncIterator[Finding]:
    """Look at what keeps the offices apart, then at each part of each that is to run. Raises Refusal."""
    started = root.started()
    yield Finding(part="folders", wrong=_folders(root, started))
    yield Finding(part="secrets of their own", wrong=_shared_secrets(root, started))
    running = [one for one in started if not one.left_out]
    yield Finding(part="who files to whom", wrong=_filing(root, running))
    for one in running:
        layout, ports, _ = opened(root.folder(one.key))
        async for finding in examine(layout, ports):
            yield Finding(part=f"{one.key}: {finding.part}", wrong=finding.wrong)


def _folders(root: Root, offices: Sequence[Noted]) -> list[str]:
    folders = [root.data, root.data / "offices", *(root.folder(one.key) for one in offices)]
    open_ones = [folder for folder in folders if stat.S_IMODE(folder.stat().st_mode) & 0o077]
    return [f"{folder} can be entered by others: chmod 700" for folder in open_ones]


def _shared_secrets(root: Root, offices: Sequence[Noted]) -> list[str]:
    """An office made by copying another's folder would take its tokens and open its vault."""
    held = {one.key: _secrets(root.folder(one.key)) for one in offices}
    return [
        f"{one} and {other} hold the same secret {held[one][content]}: a folder was copied, see docs/offices.md"
        for one, other in combinations(held, 2)
        for content in sorted(held[one].keys() & held[other].keys(), key=held[one].__getitem__)
    ]


def _secrets(folder: Path) -> dict[bytes, str]:
    """Content → file. Not the lower office's copy of its password for filing: two know that by its nature."""
    files = (path for path in Layout(folder).secrets.iterdir() if path.name != FILING_PASSWORD)
    return {path.read_bytes(): path.name for path in files}


def _filing(root: Root, offices: Sequence[Noted]) -> list[str]:
    return [line for one in offices if one.files_to for line in _way_up(root, one)]


def _way_up(root: Root, office: Noted) -> list[str]:
    """What is wrong with an office's account at its higher one."""
    layout, ports, _ = opened(root.folder(office.files_to))
    above = Bus(layout, ports)
    if (office.key, "office") not in {(one.name, one.kind) for one in above.outside()}:
        return [f"{office.key} has no account at {office.files_to} any more: restart `minping up --offices FILE`"]
    copy = Layout(root.folder(office.key)).secrets / FILING_PASSWORD
    if not copy.exists() or copy.read_text().strip() != above.keyring.password(office.key):
        return [f"{office.key} holds another password than its account at {office.files_to}: restart"]
    return []
