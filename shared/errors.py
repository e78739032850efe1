"""What may go wrong, said so that a person can act on it."""


class Refusal(Exception):
    """A request, event or file that cannot be taken; nothing was changed.

    field: the field at fault, dotted (`transfer.lead_unit`). value: what was given, as it may be shown again
    (never an identity). reason: why it cannot be taken. remedy: what to do instead. status: HTTP status
    (422 malformed, 404 unknown, 403 not allowed, 409 the state forbids it).
    """

    def __init__(self, field: str, value: object, reason: str, remedy: str, status: int = 422) -> None:
        super().__init__(f"{field}={value!r}: {reason}; {remedy}")
        self.field = field
        self.value = value
        self.reason = reason
        self.remedy = remedy
        self.status = status


class NotYet(Exception):
    """Something that this event needs has not arrived yet; it is tried again later, and in the end dead-lettered."""
