"""Who may call what of evidence, inspections and supervisors (I9, I10)."""

from shared.identity import ROLES
from tests.service.intake.house import House

NUMBER = "2026-000001"
SENDERS = {"clerk", "office", "inspector", "supervisor", "handler", "leader", "source"}
RECORDERS = {"office", "inspector", "supervisor", "handler", "leader"}
CARDS = {"supervisor", "office", "clerk", "auditor", "handler", "leader"}
WHO = {
    ("POST", "/evidence"): SENDERS,
    ("GET", f"/evidence?about=complaint&of={NUMBER}"): SENDERS | {"approver", "discipline", "auditor"},
    ("GET", f"/evidence/{'0' * 64}"): SENDERS | {"approver", "discipline", "auditor"},
    ("POST", "/attachments/1/release"): {"clerk", "office"},
    ("POST", "/inspections"): RECORDERS,
    ("GET", "/inspections"): RECORDERS | {"auditor"},
    ("GET", "/inspections/x"): RECORDERS | {"auditor"},
    ("GET", "/inspections/statistics"): {"office", "inspector", "auditor"},
    ("POST", "/inspections/x/correction"): RECORDERS,
    ("POST", "/inspection-plans"): {"office", "inspector"},
    ("GET", "/inspection-plans"): {"office", "inspector", "auditor"},
    ("GET", "/inspection-plans/x"): {"office", "inspector"},
    ("POST", "/inspection-plans/x/draw"): {"office", "inspector"},
    ("POST", "/inspection-plans/x/targets/1/assignment"): {"office"},
    ("POST", "/supervisors"): {"office", "leader"},
    ("GET", "/supervisors"): {"office", "leader", "supervisor", "auditor"},
    ("GET", "/supervisors/x"): {"office", "auditor"},
    ("POST", "/supervisors/x/renewal"): {"office", "leader"},
    ("POST", "/supervisors/x/dismissal"): {"office", "leader"},
    ("POST", "/presences"): {"office", "clerk"},
    ("GET", "/presences"): {"office", "clerk", "auditor"},
    ("GET", "/briefings/first"): {"office", "supervisor", "auditor"},
    ("POST", "/cards"): {"supervisor"},
    ("GET", "/cards"): CARDS,
    ("GET", "/cards/x"): CARDS,
    ("POST", "/cards/x/answer"): {"office", "handler", "leader"},
    ("POST", "/cards/x/telling"): {"office"},
    ("POST", "/monitoring-points"): {"office"},
    ("GET", "/monitoring-points"): {"office", "clerk", "auditor"},
    ("POST", "/monitoring-points/x/end"): {"office"},
}


async def test_every_endpoint_lets_in_exactly_the_roles_of_the_table(house: House) -> None:
    for (method, path), may in WHO.items():
        assert (await house.call("public", method, path)).status_code == 401, path
        for role in ROLES:
            answer = await house.call(role, method, path)
            assert (answer.status_code != 403) == (role in may), (role, path, answer.text)
