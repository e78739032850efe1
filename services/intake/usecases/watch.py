"""What waits for a person, as gauges. Nothing of intake's falls due by itself."""

from services.intake import metrics, store
from shared.store import Tx


def tick(tx: Tx) -> bool:
    """Renew the gauges; there is never more to do."""
    for what, count in store.gauges(tx.session, tx.now).items():
        metrics.WAITING.labels(what).set(count)
    return False
