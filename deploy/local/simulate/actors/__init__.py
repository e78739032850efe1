"""The people of a simulated year, one module a kind. They read the programme and play what it has, nothing else."""

from deploy.local.simulate.actors.calendar import Holidays
from deploy.local.simulate.actors.canvassing import Canvassers
from deploy.local.simulate.actors.channels import Channels
from deploy.local.simulate.actors.complaints import Complaints
from deploy.local.simulate.actors.consequences import Consequences
from deploy.local.simulate.actors.discipline import Discipline
from deploy.local.simulate.actors.duties import DutiesKept
from deploy.local.simulate.actors.exposures import Exposures
from deploy.local.simulate.actors.filings import Filings
from deploy.local.simulate.actors.gate import Gate
from deploy.local.simulate.actors.imports import Imports
from deploy.local.simulate.actors.inspections import Inspections
from deploy.local.simulate.actors.leaders import Leaders
from deploy.local.simulate.actors.media import Media
from deploy.local.simulate.actors.meetings import Meetings
from deploy.local.simulate.actors.notices import Notices
from deploy.local.simulate.actors.online import Online
from deploy.local.simulate.actors.opinions import Opinions
from deploy.local.simulate.actors.organisation import Organisation
from deploy.local.simulate.actors.own_inspections import OwnInspections
from deploy.local.simulate.actors.parts import Parts
from deploy.local.simulate.actors.petitioners import Petitioners
from deploy.local.simulate.actors.points import DailyPoints
from deploy.local.simulate.actors.pools import Pools
from deploy.local.simulate.actors.questionnaires import Questionnaires
from deploy.local.simulate.actors.remedies import Remedies
from deploy.local.simulate.actors.results import Results
from deploy.local.simulate.actors.rewards import Rewards
from deploy.local.simulate.actors.supervisors import Supervisors
from deploy.local.simulate.actors.tasks import Tasks
from deploy.local.simulate.actors.terms import Terms
from deploy.local.simulate.world import Actor

ACTORS: tuple[type[Actor], ...] = (
    Complaints,
    DutiesKept,
    Terms,
    Remedies,
    Supervisors,
    OwnInspections,
    Inspections,
    Channels,
    Exposures,
    Gate,
    Discipline,
    Petitioners,
    Media,
    Imports,
    Tasks,
    Pools,
    Parts,
    Questionnaires,
    Online,
    Meetings,
    Results,
    Organisation,
    DailyPoints,
    Canvassers,
    Opinions,
    Rewards,
    Filings,
    Consequences,
    Holidays,
    Leaders,
    Notices,
)
