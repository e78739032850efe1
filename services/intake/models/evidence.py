"""What is shown of evidence."""

from datetime import datetime

from pydantic import BaseModel


class AttachmentOut(BaseModel):
    """A file given for something. `name` is what its sender called it, scrubbed; it is no path."""

    id: int
    sha: str
    about: str
    key: str
    kind: str
    name: str
    words: str
    at: datetime
    released: bool
    erased_at: datetime | None = None


class EvidenceOut(AttachmentOut):
    """A file that was taken in: `sha` names it from now on; `original` is the SHA-256 of what was sent."""

    media_type: str
    size: int
    original: str


class AttachmentList(BaseModel):
    """Files given for one thing."""

    items: list[AttachmentOut]
