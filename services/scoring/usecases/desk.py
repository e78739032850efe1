"""What every use case of scoring is given besides its transaction: the programme, the signing key, entropy."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from services.scoring.domain.canon import Entropy
from services.scoring.domain.ledger import BonusRule, Ledger, SurveyRule, VolumeRule
from services.scoring.domain.note import Key, Signer
from services.scoring.domain.parts import OWN, PartRule
from services.scoring.domain.result import Numbers
from services.scoring.domain.rules import CardClass, Dimension, Grade, Rules
from services.scoring.store.evaluations import Batch
from services.scoring.usecases.last_seen import LastSeen
from shared.calendar import WorkingCalendar
from shared.errors import Refusal
from shared.identity import Actor
from shared.programme import Programme, fingerprint
from shared.store import Tx


@dataclass(frozen=True)
class Desk:
    """The appraisal's desk: its rules, the system's signature, and where randomness comes from."""

    programme: Programme
    signer: Signer
    entropy: Entropy
    address: str = ""
    """where people reach the service; empty: under the address by which they ask"""

    @cached_property
    def sha256(self) -> str:
        """The programme's fingerprint."""
        return fingerprint(self.programme)

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """Working days of the programme."""
        return self.programme.working_calendar

    @cached_property
    def batches_seen(self) -> dict[int, Batch]:
        """Batches of evaluation codes that were read: they never change."""
        return {}

    @cached_property
    def evaluations_seen(self) -> LastSeen:
        """What was seen last of online evaluations, to tell what is unusual; gone with a restart."""
        return LastSeen()

    @property
    def system_key(self) -> Key:
        """The system's public key in a meeting's ring."""
        return Key("system", self.signer.vkey)

    @cached_property
    def numbers(self) -> Numbers:
        """What a cycle's result is computed with."""
        p = self.programme
        return Numbers(
            tuple((part.key, part.weight) for part in p.composite),
            p.ranking.least_ratings,
            p.ranking.least_units_for_last,
            p.points.start,
            p.points.floor,
            p.points.most_per_case,
            tuple(
                PartRule(
                    c.key, c.is_of, c.least_sample, tuple((i.key, i.weight) for i in c.items),
                    (str(c.window.opens), str(c.window.closes)) if c.window else None,
                )
                for c in p.composite
                if c.is_of not in OWN
            ),
            self._ledger,
            tuple((c.key, c.categories) for c in p.composite if c.categories),
        )  # fmt: skip

    @property
    def _ledger(self) -> Ledger:
        """What enters the daily score besides deductions."""
        given = self.programme.points
        bonus, volume, asked = given.bonus, given.volume, given.questionnaire
        return Ledger(
            tuple(BonusRule(r.key, r.most, r.most_per_cycle) for r in bonus.rules) if bonus else (),
            bonus.ceiling if bonus else Decimal(100),
            VolumeRule(**volume.model_dump()) if volume else None,
            SurveyRule(asked.key, asked.share, self.programme.questionnaire(asked.key).least) if asked else None,
        )

    def rules(self, cycle: str, group: str | None = None) -> Rules:
        """What a meeting of this cycle votes on and by which numbers, as it is sealed; a group may have its own."""
        p = self.programme
        return Rules(
            programme=p.key,
            cycle=cycle,
            version=self.sha256,
            dimensions=tuple(Dimension(d.key, d.weight, d.label.zh) for d in p.dimensions_of(group)),
            grades=tuple(Grade(g.key, g.mark, g.label.zh) for g in p.grades),
            abstain=p.abstain.key,
            quorum_of_drawn=p.meeting.quorum.of_drawn,
            quorum_valid=p.meeting.quorum.valid_ballots,
            ordinary_strata=tuple(sorted(p.pool.ordinary)),
            ordinary_present=p.meeting.ordinary_present_least,
            least_ratings=p.ranking.least_ratings,
            tellers_needed=p.meeting.ballot_key.needed,
            **self._classes,
        )

    @property
    def _classes(self) -> dict[str, Any]:
        """The classes of cards, where the programme weighs ordinary people and the others; else the one of all."""
        listed = self.programme.meeting.card_classes
        return {"classes": tuple(CardClass(c.key, c.weight, c.label.zh) for c in listed)} if listed else {}

    def appeal_until(self, noticed: datetime) -> datetime:
        """The end of the period in which a decision told at `noticed` may be appealed (S8)."""
        day = self.calendar.local_date(noticed)
        return self.calendar.due(day, self.programme.deadlines.appeal).expires_at


def acting(tx: Tx) -> Actor:
    """Who acts. Raises Refusal (401) where nobody has signed in."""
    if tx.actor is None:
        raise Refusal("Authorization", "", "nobody is signed in", "send a bearer token", 401)
    return tx.actor
