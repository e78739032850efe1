"""Forms of documents (N5)."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.notify.models.form import Form
from shared.programme.parts import DocumentKind

State = Literal["draft", "valid", "superseded", "withdrawn"]
Facts = dict[str, Any]


class DocumentOut(BaseModel):
    """A document as it was made; its file is under `/documents/{id}.docx` and `.pdf`."""

    id: str
    kind: str
    title: str
    number: str = Field(description="发文字号; empty for a draft")
    state: State
    language: Literal["zh", "en"]
    version: int
    matter: str
    case: str | None
    unit: str | None
    size: int
    sha256: str = Field(description="of the file")
    facts_sha256: str = Field(description="of what it was filled with")
    made_at: datetime
    reason: str = Field(description="why it was corrected or withdrawn")
    by: str


class DocumentsOut(BaseModel):
    """A page of documents, the newest first."""

    documents: list[DocumentOut]
    next: str | None


class WholeDocumentOut(DocumentOut):
    """A document with what it was filled with."""

    facts: Facts


class DocumentIn(Form):
    """A document that the office makes itself, such as a letter of appointment with its name."""

    kind: DocumentKind
    language: Literal["zh", "en"] = "zh"
    facts: Facts = Field(description="the fields of the kind, see docs/documents.md")
    signed_on: date | None = Field(default=None, description="by default today")


class CorrectionIn(Form):
    """Fields that were wrong, as they are right, and why."""

    facts: Facts
    reason: str = Field(min_length=1, max_length=500)


class WithdrawalIn(Form):
    """Why a document is void."""

    reason: str = Field(min_length=1, max_length=500)
