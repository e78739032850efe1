"""The people of a simulated year, one module a kind. They read the programme and play what it has, nothing else."""

from deploy.local.simulate.actors.complaints import Complaints
from deploy.local.simulate.actors.duties import DutiesKept
from deploy.local.simulate.actors.remedies import Remedies
from deploy.local.simulate.actors.terms import Terms
from deploy.local.simulate.world import Actor

ACTORS: tuple[type[Actor], ...] = (Complaints, DutiesKept, Terms, Remedies)
