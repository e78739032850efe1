"""An RFC 3161 time stamp beside a bundle: an outside authority saw the signed checkpoint at that time.

Needs the extra `timestamp` (rfc3161-client); everything else is verified without it.
"""

from typing import TYPE_CHECKING

from cryptography import x509

from services.scoring.domain.canon import Malformed
from services.scoring.domain.seal import CHECKPOINT
from services.scoring.verify.step import given

if TYPE_CHECKING:
    from services.scoring.verify.bundle import Bundle


def request(checkpoint: bytes) -> bytes:
    """The request (`application/timestamp-query`) to send to an authority. Raises Malformed without the extra."""
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
    except ImportError as error:
        raise Malformed("needs the extra: pip install minping[timestamp]") from error
    builder = TimestampRequestBuilder().data(checkpoint).hash_algorithm(HashAlgorithm.SHA256)
    return builder.cert_request(cert_request=True).build().as_bytes()


def check_timestamp(bundle: "Bundle", response: bytes, roots: bytes | None) -> str:
    """The response stamps this signed checkpoint and leads to one of the roots (PEM). Raises Malformed."""
    given(bundle.root, CHECKPOINT)
    if roots is None:
        raise Malformed("give the authority's root certificate with --tsa: without it a stamp proves nothing")
    try:
        from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response
    except ImportError as error:
        raise Malformed("needs the extra: pip install minping[timestamp]") from error
    try:
        builder = VerifierBuilder()
        for certificate in x509.load_pem_x509_certificates(roots):
            builder = builder.add_root_certificate(certificate)
        stamp = decode_timestamp_response(response)
        builder.build().verify_message(stamp, bundle.files[CHECKPOINT])
    except (VerificationError, ValueError) as error:
        raise Malformed(str(error) or type(error).__name__) from error
    return f"stamped at {stamp.tst_info.gen_time.isoformat()}"
