"""Pictures and films that come with a form: each is taken in by itself, so that a bad one loses nothing else."""

from collections.abc import AsyncIterator
from functools import partial

from starlette.datastructures import UploadFile

from services.intake.domain import evidence as domain
from services.intake.rules import Rules
from services.intake.usecases import evidence
from shared.errors import Refusal
from shared.pages import Draft
from shared.web import Command

CHUNK = 64 * 1024
_WRONG = {413: "photos.large", 415: "photos.kind"}


async def keep(
    rules: Rules, do: Command, files: tuple[UploadFile, ...], kept: list[tuple[str, str]], draft: Draft, most: int
) -> list[tuple[str, str]]:
    """The files kept before and those sent now (SHA-256, name). What cannot be taken is noted beside the field."""
    found = list(kept)
    for file in files:
        if not file.filename:  # nothing was chosen
            continue
        name = domain.shown_name(file.filename)
        if len(found) >= most:
            draft.wrong("photos", "photos.many")
            break
        try:
            async with rules.evidence.receiving(_chunks(file)) as taken:
                given = evidence.Given(name=name)
                store = partial(evidence.store_evidence, taken=taken, given=given, actor=evidence.PUBLIC)
                row = await do.run(store, remember=False)
        except Refusal as refusal:
            draft.wrong("photos", _WRONG.get(refusal.status, "photos.broken"))
            continue
        if row.kind not in rules.programme.channel(rules.web_channel).evidence:
            draft.wrong("photos", "photos.kind")
        elif row.sha not in {sha for sha, _ in found}:
            found.append((row.sha, name))
    return found


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(CHUNK):
        yield chunk
