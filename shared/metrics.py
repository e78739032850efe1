"""The counters that every service has: delivery, outbox, dead letters, lag. No label ever holds an id or a person."""

from prometheus_client import Counter, Gauge, Histogram

COMMIT_SECONDS = Histogram("minping_commit_seconds", "Seconds a group commit took", ["service"])
COMMITTED = Histogram(
    "minping_commit_size", "Use cases in one commit", ["service"], buckets=(1, 2, 5, 10, 50, 100, 500)
)
EVENTS_TAKEN = Counter("minping_events_taken_total", "Events taken from the bus, by outcome", ["service", "outcome"])
EVENTS_PUBLISHED = Counter("minping_events_published_total", "Events published by the outbox relay", ["service"])
PUBLISH_FAILURES = Counter("minping_publish_failures_total", "Publish attempts that failed", ["service"])
OUTBOX_UNSENT = Gauge("minping_outbox_unsent", "Committed events not yet in the stream", ["service"])
OUTBOX_AGE = Gauge("minping_outbox_oldest_seconds", "Age of the oldest unsent event, in seconds", ["service"])
CONSUMER_LAG = Gauge("minping_consumer_lag", "Events of a consumer not yet acknowledged", ["service", "consumer"])
SET_ASIDE = Gauge("minping_set_aside", "Matters that the clock cannot move, left out until mended", ["service"])
DEAD_LETTERS = Counter("minping_dead_letters_total", "Events that could not be processed", ["service"])
REQUEST_SECONDS = Histogram(
    "minping_http_request_seconds", "Seconds an HTTP request took", ["service", "method", "route", "status"]
)
