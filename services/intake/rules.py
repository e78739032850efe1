"""What intake's use cases are given besides their transaction: the programme's rules, the vault, the present."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from services.intake.domain import codes
from services.intake.domain.suggestion import Model, What
from services.intake.evidence_files import EvidenceFiles
from services.intake.vault import Vault
from shared.calendar import WorkingCalendar
from shared.errors import Refusal
from shared.programme import Programme

TRACKS = ("immediate", "planned", "explained")
SLACK = timedelta(minutes=5)
"""How far a source's clock may be ahead of ours."""


@dataclass(slots=True)
class Rules:
    """One a service. `latest` gives the latest time at which anything can have happened; set when the clock runs.

    learned: what past transfers suggest, if enough is decided (I14); learn_from: from how many on, 0 never.
    """

    programme: Programme
    vault: Vault
    latest: Callable[[], datetime] | None = None
    must_forget: bool = True
    """Something was erased or sealed anew whose old bytes may still be in the store's files."""
    must_unlink: bool = True
    """Evidence was erased whose file may still be on the disk."""
    learn_from: int = 100
    learned: dict[What, Model] = field(default_factory=dict)
    evidence: EvidenceFiles = field(default_factory=lambda: EvidenceFiles(Path("evidence")))
    calendar: WorkingCalendar = field(init=False)
    reopen_within: timedelta = field(init=False)

    def __post_init__(self) -> None:
        self.calendar = self.programme.working_calendar
        self.reopen_within = timedelta(days=self.programme.reopen_within_days)

    @property
    def hot_from(self) -> int:
        """Petitioners from which a matter is hot (I5)."""
        return self.programme.hot_from_petitioners

    def dimension_of(self, topic: str | None) -> str | None:
        """The dimension of a topic (I16). Raises Refusal for a topic that the programme does not have."""
        return self.programme.topic(topic).dimension if topic else None

    @property
    def web_channel(self) -> str:
        """The channel of what people report by web page or app: `web_form`, else the first that asks for nothing more.

        Raises Refusal for a programme without one.
        """
        channels = self.programme.channels
        fitting = [one.key for one in channels if one.identity == "vault" and not one.requires and not one.verification]
        if not fitting:
            raise Refusal("channels", None, "no channel takes reports of the public", "list web_form", 409)
        return "web_form" if "web_form" in fitting else fitting[0]

    def days_of(self, track: str) -> int:
        """Working days of a track's period."""
        days: int = getattr(self.programme.deadlines, track)
        return days

    def not_in_future(self, at: datetime, name: str) -> None:
        """Nothing is reported before it happened. Raises Refusal."""
        if self.latest and at > self.latest() + SLACK:
            raise Refusal(name, at.isoformat(), "it lies in the future", "check the date and its time zone")

    def tracking_code(self, number: str) -> str:
        """The code with which a complainant looks up his complaint."""
        return codes.code_for(self.vault.codes, "tracking", number)

    def callback_code(self, case: str, round_: int, number: str) -> str:
        """The one-time code of a callback."""
        return codes.code_for(self.vault.codes, "callback", case, round_, number)
