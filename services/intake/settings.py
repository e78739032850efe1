"""Intake's settings: what every service has, and the vault's key."""

from pathlib import Path

from pydantic import Field

from shared.settings import ServiceSettings


class IntakeSettings(ServiceSettings):
    """What intake needs besides."""

    vault_key_file: Path = Field(description="PEM of the X25519 private key(s) of the vault; intake alone has it")
    public_reports_a_minute: int = Field(
        default=30, description="complaints that one address may send without signing in, a minute"
    )
