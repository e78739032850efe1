"""R2: the complainant reads an approved explanation as the reply to his complaint."""

from datetime import date

from shared.contracts.rectification import CaseOpened, CaseReturned
from shared.contracts.rectification_promises import CaseExplained
from tests.service.intake.house import House, local
from tests.service.intake.test_matters import FIRST, tracked

TEXT = "按国发〔2026〕3号第四条,不在补贴范围"


async def test_r2_an_approved_explanation_is_the_reply_that_the_complainant_reads(house: House) -> None:
    receipt = await house.report("T-1")
    await house.to_unit(FIRST)
    due = {"due": date(2026, 3, 16), "expires_at": local("2026-03-17T00:00")}
    await house.hear("2026-03-03T09:00", CaseOpened(case=FIRST, lead_unit="tax", track="explained", **due))
    told = CaseExplained(case=FIRST, unit="tax", round=1, text=f"{TEXT},电话13812345678", basis=("某通知",))
    await house.hear("2026-03-11T09:00", told)
    track = await tracked(house, receipt)
    assert track["state"] == "explained"
    assert TEXT in track["reply"]
    assert "13812345678" not in track["reply"]
    back = {"reasons": ("bad_callback",), "rework_due": date(2026, 3, 18), "expires_at": local("2026-03-19T00:00")}
    await house.hear("2026-03-12T09:00", CaseReturned(case=FIRST, unit="tax", round=1, **back))
    assert (await tracked(house, receipt))["state"] == "reworking"
    await house.hear("2026-03-13T09:00", CaseExplained(case=FIRST, unit="tax", round=2, text="再次说明"))
    # The first one comes late: it does not stand in the place of the second.
    await house.hear("2026-03-11T09:00", told)
    track = await tracked(house, receipt)
    assert (track["state"], track["reply"]) == ("explained", "再次说明")
