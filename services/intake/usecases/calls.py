"""Asking petitioners (I11): one task a petitioner and round, answered once, by code or by the phone clerk."""

from datetime import datetime

from sqlmodel import Session

from services.intake import metrics, store
from services.intake.domain import callback, codes, complaint
from services.intake.domain.callback import Task, TaskState
from services.intake.domain.complaint import State
from services.intake.domain.mark import Mark
from services.intake.domain.scrub import scrub
from services.intake.models import AnswerIn, CallbackOut, CallIn
from services.intake.models.callbacks import CallbackTask, CallbackWork
from services.intake.rules import Rules
from services.intake.store.paging import following
from services.intake.usecases.standing import supersede
from services.intake.usecases.telling import tell_answer
from services.intake.usecases.terms import registered
from services.intake.usecases.view import callback_out
from shared.contracts.envelope import Event
from shared.contracts.intake import CallbackRecorded
from shared.contracts.rectification import CallbackRequested
from shared.errors import Refusal
from shared.store import Tx


def requested(rules: Rules, tx: Tx, event: Event[CallbackRequested]) -> None:
    """A task for each petitioner; those of earlier rounds are over.

    Whose link was undone meanwhile is not asked; whose link was made again in the same round is asked again. Nobody
    is asked about a round that is over when the question arrives. Raises NotYet for a complaint that is not here yet.
    """
    data = event.data
    supersede(tx, data.case, data.round - 1)
    lead = registered(tx.session, data.case)
    newest = max(lead.round, store.newest_round(tx.session, data.case))
    if data.round < newest or complaint.round_is_over(lead.state_rank, data.round):
        return
    for number in data.complaints:
        line = registered(tx.session, number)
        code_hash = codes.digest_of(rules.callback_code(data.case, data.round, number))
        row = store.task_by_code(tx.session, code_hash) or store.Callback(
            case=data.case,
            round=data.round,
            number=number,
            unit=data.unit,
            code_hash=code_hash,
            expires_at=data.expires_at,
        )
        belongs = data.case in (line.number, line.lead)
        row.state = (TaskState.OPEN if belongs else TaskState.SUPERSEDED).value
        row.grade, row.words, row.by, row.at, row.expires_at = None, "", None, None, data.expires_at
        tx.session.add(row)


def answered(tx: Tx, typed: str, given: AnswerIn) -> CallbackOut:
    """A petitioner answers with his one-time code. Raises Refusal (404 unknown, 409 answered before)."""
    row = store.task_by_code(tx.session, codes.digest_of(codes.read_code(typed)))
    if row is None:
        raise codes.unknown_code()
    return _graded(tx, row, given.grade, given.words, by="petitioner")


def called(rules: Rules, tx: Tx, case: str, number: str, given: CallIn, by: str) -> CallbackOut:
    """What came of a clerk's call: a grade, or a try that reached nobody, at most one a local day. Raises Refusal."""
    row = store.task(tx.session, case, number)
    if given.result == "graded":
        if given.grade is None:
            raise Refusal("grade", None, "an answer has a grade", "give the petitioner's grade")
        _read_back(rules, row, given.grade, confirmed=given.confirmed)
        return _graded(tx, row, given.grade, given.words, by=by)
    if given.grade is not None:
        raise Refusal("grade", given.grade, "nobody was reached, so nobody graded", "leave it out")
    today = rules.calendar.local_date(tx.now)
    task = callback.missed(_task(row), today, rules.programme.callback.tries)
    row.state, row.tries, row.last_try = task.state.value, task.tries, task.last_try
    tx.session.add(store.Attempt(callback=row.id or 0, at=tx.now, by=by, words=scrub(given.words)))
    if task.state == TaskState.NOT_REACHED:
        row.by, row.at = by, tx.now
        recorded = CallbackRecorded(case=row.case, number=row.number, round=row.round, result="not_reached")
        tx.publish(recorded, subject=row.case)
        tell_answer(tx, store.by_number(tx.session, row.number), "not_reached", None)
        metrics.count(tx, metrics.CALLBACKS, "not_reached")
    return callback_out(row)


def _read_back(rules: Rules, row: store.Callback, grade: str, *, confirmed: bool) -> None:
    """A grade is sent at once and is final; a slip of the hand is caught before, by reading it back. Raises Refusal."""
    callback.graded(_task(row))
    if not confirmed:
        known = rules.programme.callback_grade(grade)
        follows = "退回单位重办 (goes back to the unit)" if known.bad else "不退回 (does not go back)"
        reason = f"{row.number}：{known.label.zh} ({known.label.en})，{follows}；记录后不能更改 (final)"
        remedy = "read it back to the petitioner, then send it with `confirmed: true`"
        raise Refusal("confirmed", confirmed, reason, remedy, 409)


def work_list(rules: Rules, session: Session, now: datetime, after: Mark | None, limit: int) -> CallbackWork:
    """Whom to ring up, the most pressing first; who was tried today is not tried again (I11)."""
    today = rules.calendar.local_date(now)
    rows = store.callbacks_by_due(session, after, limit)
    lines = {line.number: line for line in store.by_numbers(session, [row.number for row in rows])}
    return CallbackWork(
        items=[
            CallbackTask(
                **callback_out(row).model_dump(),
                title=lines[row.number].title,
                tries_left=rules.programme.callback.tries - row.tries,
                may_try_today=row.last_try is None or row.last_try < today,
                overdue=now >= row.expires_at,
            )
            for row in rows
        ],
        next=following(rows, limit, lambda row: (row.expires_at, row.id)),
    )


def _graded(tx: Tx, row: store.Callback, grade: str, words: str, by: str) -> CallbackOut:
    row.state = callback.graded(_task(row)).state.value
    row.grade, row.words, row.by, row.at = grade, scrub(words), by, tx.now
    _record(tx, row.case, row.number, row.round, grade, row.words)
    return callback_out(row)


def _record(tx: Tx, case: str, number: str, round_: int, grade: str, words: str, *, objection: bool = False) -> None:
    said = {"case": case, "number": number, "round": round_, "result": "graded", "grade": grade, "words": words}
    data = CallbackRecorded.model_validate({**said, "objection": objection})
    tx.publish(data, subject=case)
    tell_answer(tx, store.by_number(tx.session, number), "graded", grade)
    metrics.count(tx, metrics.CALLBACKS, grade)


def objected(rules: Rules, tx: Tx, typed: str, given: AnswerIn) -> None:
    """After closing a petitioner is not satisfied after all: once a closing, within the window (R6). Raises Refusal."""
    line = store.by_code(tx.session, codes.digest_of(codes.read_code(typed)))
    if line is None:
        raise codes.unknown_code()
    lead = store.lead_of(tx.session, line)
    if not rules.programme.callback_grade(given.grade).bad:
        raise Refusal("grade", given.grade, "an objection says what is not right", "give a bad grade")
    if State(lead.state) != State.CLOSED or lead.closed_at is None:
        raise Refusal("code", "…", "the matter is not closed", "answer when you are asked", 409)
    if tx.now > lead.closed_at + rules.reopen_within:
        days = rules.programme.reopen_within_days
        raise Refusal("code", "…", f"it was closed more than {days} days ago", "send a new complaint", 409)
    if line.objected_to >= lead.round:
        raise Refusal("code", "…", "you have objected to this closing already", "wait for the answer", 409)
    line.objected_to = lead.round
    _record(tx, lead.number, line.number, lead.round, given.grade, scrub(given.words), objection=True)


def _task(row: store.Callback) -> Task:
    return Task(TaskState(row.state), row.tries, row.last_try)
