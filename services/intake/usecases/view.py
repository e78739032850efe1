"""Rows as what the API shows. Reading only."""

from datetime import datetime

from sqlmodel import Session

from services.intake import store
from services.intake.domain import codes
from services.intake.domain.complaint import WORDS, State
from services.intake.models import (
    CallbackOffer,
    CallbackOut,
    ComplaintDetail,
    ComplaintOut,
    Likely,
    Side,
    SimilarOut,
    TrackOut,
    TransferOut,
)
from services.intake.rules import Rules
from services.intake.usecases import suggesting, supplement

MOST_SIMILAR = 10


def complaint_out(line: store.Complaint) -> ComplaintOut:
    """A line of the register."""
    return ComplaintOut.model_validate(line, from_attributes=True)


def transfer_out(card: store.Transfer, now: datetime) -> TransferOut:
    """A card; overdue: it waits although its time is over."""
    return TransferOut(**card.model_dump(), overdue=card.state in store.WAITING and now >= card.due)


def callback_out(task: store.Callback) -> CallbackOut:
    """A callback task."""
    return CallbackOut.model_validate(task, from_attributes=True)


def detail(rules: Rules, session: Session, number: str, now: datetime) -> ComplaintDetail:
    """A complaint with its links, card and suggestions. Raises Refusal (404)."""
    line = store.by_number(session, number)
    card = session.get(store.Transfer, number)
    named = line.named_unit
    registered = bool(named and named in store.unit_keys(session, [named]))
    return ComplaintDetail(
        **complaint_out(line).model_dump(),
        linked=list(store.petitioners(session, number)),
        information=supplement.shown(session, number),
        links=[entry.model_dump(exclude={"id"}) for entry in store.links(session, number)],
        transfer=transfer_out(card, now) if card else None,
        suggested_topic=suggesting.shown(suggesting.guess_topic(rules, line)),
        suggested_unit=suggesting.shown(suggesting.guess_unit(rules, session, line)),
        note=f"named unit {named} is not registered" if named and not registered else None,
    )


def similar(session: Session, number: str) -> SimilarOut:
    """Likely repeats with their texts side by side (I5). Raises Refusal (404)."""
    line = store.by_number(session, number)
    near = store.alike(session, line, MOST_SIMILAR)
    return SimilarOut(
        complaint=Side.model_validate(line, from_attributes=True),
        similar=[
            Likely(
                **Side.model_validate(other, from_attributes=True).model_dump(),
                share=round(likeness.text, 3),
                place_share=round(likeness.place, 3),
                same_unit=likeness.same_unit,
            )
            for other, likeness in near
        ],
    )


def track(rules: Rules, session: Session, typed: str) -> TrackOut:
    """What a complainant sees of his complaint (I2). Raises Refusal (404) for every code that is none."""
    line = store.by_code(session, codes.digest_of(codes.read_code(typed)))
    if line is None:
        raise codes.unknown_code()
    about = store.lead_of(session, line)
    words = WORDS[State(about.state)]
    task = store.task_of(session, line.number)
    offer = None
    if task and task.state == "open":
        code = rules.callback_code(task.case, task.round, task.number)
        offer = CallbackOffer(round=task.round, code=code, expires_at=task.expires_at)
    return TrackOut(
        number=line.number,
        state=about.state,
        state_zh=words.zh,
        state_en=words.en,
        reported_at=line.reported_at,
        linked=line.lead is not None,
        expected=None if about.suspended else about.due,
        suspended=about.suspended,
        reply=about.reply,
        outcome=about.outcome,
        reason=about.reason,
        callback=offer,
        referred_to=about.referred_to,
        referral_contact=about.referral_contact,
        may_add=supplement.may_add(line),
        added=[one.text for one in store.information.added(session, line.number)],
    )
