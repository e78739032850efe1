"""How long what identifies a complainant is kept, and how the vault is opened (I3): parts of a programme."""

from typing import Annotated

from pydantic import Field

from shared.programme.values import Number, Part


class Retention(Part):
    """Calendar days after a matter ended (its case closed, or ended without a case) at which things are erased.

    identity: who complained. originals: texts as they were where scrubbing took something out. repairs: reports kept
    for repair, from their mending. evidence: files given for a complaint, which may show who complained, unless
    somebody looked and released them. unclaimed: files that were sent and given for nothing, from their sending.
    What happens in the matter meanwhile starts the period anew; a hold stops it.
    """

    identity: Number = 365
    originals: Number = 365
    repairs: Number = 365
    evidence: Number = 365
    unclaimed: Number = 7


class Disclosure(Part):
    """consent_days: calendar days in which a custodian's consent must be used. contacts_an_hour: telephone numbers
    that one clerk is shown for callbacks in an hour."""

    consent_days: Annotated[Number, Field(le=30)] = 3
    contacts_an_hour: Annotated[Number, Field(le=1000)] = 20
