"""Intake's settings: what every service has, and the vault's key."""

from pathlib import Path

from pydantic import Field

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
