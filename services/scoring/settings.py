"""Settings of scoring: what every service has, and the key with which the system signs draws, seals and results."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import Field

from services.scoring.domain.note import Signer
from shared.bus.far import Account
from shared.errors import Refusal
from shared.settings import ServiceSettings, read_secret


class Settings(ServiceSettings):
    """From the environment (`MINPING_…`)."""

    seal_key_file: Path = Field(description="PEM (PKCS 8) of the Ed25519 key that signs draws, seals and results")
    seal_key_name: str = Field(default="minping", description="name of that key in signed notes, without spaces")
    evaluations_a_minute: int = Field(
        default=60, gt=0, description="online evaluations, and looks at a code, that one address may send in a minute"
    )

    tls_authority_file: Path | None = Field(
        default=None, description="PEM certificate of the authority that terminals are to trust, shown on /ca"
    )

    files_to_url: str = Field(
        default="", description="bus of the office above, to which results are filed; empty: they are carried as files"
    )
    files_to_user: str = Field(default="", description="this office's account there; it is the name it registered")
    files_to_password_file: Path | None = Field(default=None, description="file with that account's password")
    files_to_name: str = Field(
        default="", description="key of this office as a unit of the one above; empty: the account's name"
    )

    def account(self) -> Account | None:
        """This office's account on the bus of the one above; None where filings are carried. Raises Refusal."""
        if not self.files_to_url:
            return None
        file = self.files_to_password_file
        if not self.files_to_user or file is None:
            missing = "files_to_password_file" if self.files_to_user else "files_to_user"
            raise Refusal(missing, "", "is missing", "the office above gives account and password")
        return Account(
            self.files_to_url, self.files_to_user, lambda: read_secret("files_to_password_file", file).decode().strip()
        )

    def signer(self) -> Signer:
        """The system's signing key. Raises Refusal."""
        path = self.seal_key_file
        remedy = "make one with `openssl genpkey -algorithm ed25519 -out FILE`"
        try:
            key = load_pem_private_key(read_secret("seal_key_file", path), password=None)
        except (ValueError, TypeError) as error:  # TypeError: the key is encrypted
            raise Refusal("seal_key_file", str(path), f"is no private key: {error}", remedy) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise Refusal("seal_key_file", str(path), "not an Ed25519 key", remedy)
        return Signer(self.seal_key_name, key)
