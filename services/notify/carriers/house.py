"""The couriers of the channels that the settings name."""

from services.notify.carriers.carrier import AppriseCarrier
from services.notify.carriers.courier import Courier, Couriers
from services.notify.carriers.secrets import Way
from services.notify.journal import journal_beside


def make_couriers(ways: dict[str, Way], database_url: str, digest_quiet_s: float) -> Couriers:
    """One courier a channel, with a journal of its own. Raises Refusal if another process sends from this store."""
    return Couriers(
        tuple(
            Courier(AppriseCarrier(way), journal_beside(database_url, name), digest_quiet_s=digest_quiet_s)
            for name, way in ways.items()
        )
    )
