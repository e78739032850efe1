"""HTTP: what an event would lead to; nothing is sent and nothing written (N2)."""

from fastapi import APIRouter

from services.notify import usecases
from services.notify.models import preview as forms
from services.notify.models.trace import RuleOut
from services.notify.usecases import previewing
from shared.web import Query, allow_read


def add(router: APIRouter, desk: usecases.Desk) -> None:
    """The endpoint of previews."""

    @router.post("/notices/preview", tags=["notices"])
    async def preview(
        given: forms.PreviewIn, ask: Query = allow_read("office", "operator", "auditor")
    ) -> forms.PreviewOut:
        """Who would be told what about an event, when, by which rule and channel, and why. Sends and writes nothing."""
        event = previewing.read_event(given.event)
        at = previewing.moment(desk, given.on, ask.now)
        found = await ask.run(lambda session: previewing.foresee(desk, session, event, at))
        return forms.PreviewOut(
            event=event.id,
            type=event.type,
            at=found.at,
            notices=[_foreseen(one) for one in found.foreseen],
            silent=[forms.SilentOut(rule=RuleOut.model_validate(one.rule), reason=one.reason) for one in found.silent],
            without_rule=event.type not in desk.rules,
        )


def _foreseen(one: previewing.Foreseen) -> forms.ForeseenOut:
    notice, holder = one.notice, one.notice.holder
    rule = RuleOut.model_validate(one.rule)
    return forms.ForeseenOut(
        state=one.state, rule=rule, unit=one.unit, role=one.role,
        person=holder.person if holder else "", name=holder.name if holder else "", why=notice.why,
        passed_over=[forms.PassedOut(person=p.person, name=p.name, why=p.why) for p in one.passed],
        channel=notice.channel, address=notice.address or (holder.email if holder else ""),
        due=notice.due, urgency=notice.urgency, digest=one.digest, template=notice.template,
        documents=rule.documents, language=one.language, subject=one.subject, text=one.text,
    )  # fmt: skip
