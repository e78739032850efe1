"""What an operator of notify watches. No label holds an id or a person."""

from prometheus_client import Counter, Gauge, Histogram

LETTERS = Counter(
    "minping_notify_letters_total", "Tries to send a letter, and decisions on uncertain ones, by outcome", ["outcome"]
)
NOTICES = Counter("minping_notify_notices_total", "Notices planned, by template", ["template"])
DROPPED = Counter("minping_notify_dropped_total", "Late warnings that a later one, or the day itself, made pointless")
RETRIES = Counter("minping_notify_retries_total", "Letters put back to be tried again")
UNADDRESSED = Gauge("minping_notify_unaddressed", "Notices for which the directory names nobody")
UNCERTAIN = Gauge("minping_notify_uncertain", "Letters of which nobody knows whether they went: a person decides")
DUE = Gauge("minping_notify_due_letters", "Letters due and not yet sent")
OLDEST_DUE = Gauge("minping_notify_oldest_due_seconds", "Age of the oldest letter due and not yet sent, in seconds")
SERVER_AWAY = Gauge("minping_notify_smtp_unreachable", "1 while the mail server cannot be reached or refuses us")
BOUNCES = Counter(
    "minping_notify_bounces_total",
    "What came back after letters had been taken, by kind and effect",
    ["kind", "effect"],
)
SUPPRESSED = Counter("minping_notify_suppressed_total", "Addresses that got suppressed, by cause", ["cause"])
MAILBOX_AWAY = Gauge("minping_notify_mailbox_unreachable", "1 while the mailbox of bounces cannot be read")
CHANNEL_AWAY = Gauge(
    "minping_notify_channel_unreachable", "1 while a channel beside e-mail cannot be reached or refuses us", ["channel"]
)
CHANNEL_SECONDS = Histogram(
    "minping_notify_channel_seconds", "Seconds a channel beside e-mail took for a message", ["channel"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30),
)  # fmt: skip
DOCUMENTS = Counter("minping_notify_documents_total", "Documents made, by kind", ["kind"])
DOCUMENTS_FAILED = Counter("minping_notify_documents_failed_total", "Documents that could not be made", ["kind"])
SEND_SECONDS = Histogram(
    "minping_notify_send_seconds", "Seconds the mail server took for a letter",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)  # fmt: skip
