"""Intake's settings: what every service has, and the vault's key."""

from pathlib import Path

from pydantic import Field

from services.intake.domain.evidence import TYPES
from services.intake.evidence_files import MIB, EvidenceFiles
from shared.errors import Refusal
from shared.settings import ServiceSettings


class IntakeSettings(ServiceSettings):
    """What intake needs besides."""

    vault_key_file: Path = Field(description="PEM of the X25519 private key(s) of the vault; intake alone has it")
    learn_from: int = Field(
        default=100, ge=0, description="decided transfers from which on units and topics are suggested; 0: never"
    )
    evidence_folder: Path = Field(
        default=Path("evidence"), description="where evidence files are kept; back it up together with the database"
    )
    evidence_largest_mib: int = Field(default=50, ge=1, le=2048, description="largest evidence file, in MiB")
    evidence_types: str = Field(
        default="jpg png webp pdf docx xlsx mp4 mov m4a mp3 wav", description="endings of the types taken as evidence"
    )
    public_reports_a_minute: int = Field(
        default=30, description="complaints that one address may send without signing in, a minute"
    )

    def evidence(self) -> EvidenceFiles:
        """The folder of evidence as it is set. Raises Refusal naming an ending that nobody can read."""
        endings = {ending: media_type for media_type, (ending, _) in TYPES.items()}
        wanted = self.evidence_types.split()
        if unknown := [ending for ending in wanted if ending not in endings]:
            raise Refusal("evidence_types", unknown[0], "no such type can be cleaned", f"use {' '.join(endings)}")
        types = tuple(endings[ending] for ending in wanted)
        return EvidenceFiles(self.evidence_folder, self.evidence_largest_mib * MIB, types)
