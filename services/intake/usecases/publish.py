"""Consented, redacted complaints for everybody (I2, I3): what Open311 shows. Reading only."""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from services.intake import store
from services.intake.domain import publication
from services.intake.domain.complaint import WORDS, State
from services.intake.domain.publication import plain
from services.intake.domain.scrub import Known, scrub
from services.intake.models.open311 import Attribute, Definition, Request, Service, Update, Value
from services.intake.rules import Rules
from services.intake.store.publication import Published, Wanted
from shared.errors import Refusal
from shared.language import Language, said
from shared.programme.schema import Programme

OTHER = "other"
"""Service code of what has no topic (yet)."""
_OTHER = {"zh": "其他（说不清类型）", "en": "Other, or not sure"}
_GROUP = {"zh": "政风行风", "en": "conduct of public bodies"}


def services(programme: Programme, language: Language) -> list[Service]:
    """The programme's topics as Open311's services, and one for what fits none."""
    listed = [
        Service(
            service_code=topic.key,
            service_name=said(topic.label, language),
            description=said(programme.dimension(topic.dimension).label, language),
            metadata=True,
            keywords=", ".join(topic.keywords),
            group=_GROUP[language],
        )
        for topic in programme.topics
    ]
    other = _OTHER[language]
    rest = Service(
        service_code=OTHER, service_name=other, description=other, metadata=True, keywords="", group=_GROUP[language]
    )
    return [*listed, rest]


def topic_of(programme: Programme, code: str) -> str | None:
    """The topic of a service code; None for `other`. Raises Refusal (404)."""
    if code == OTHER:
        return None
    if code not in {topic.key for topic in programme.topics}:
        raise Refusal("service_code", code, "it was not found", "use a code of the service list", 404)
    return code


def definition(rules: Rules, session: Session, code: str, language: Language) -> Definition:
    """What a request may say besides: the unit, who complains in which way, and consent. Raises Refusal (404)."""
    topic_of(rules.programme, code)
    zh = language == "zh"
    units = [Value(key=unit.key, name=(zh and unit.name) or unit.name_en or unit.name) for unit in store.units(session)]
    kinds = [
        Value(key="anonymous", name="匿名" if zh else "anonymous"),
        Value(key="confidential", name="保密：不告知被反映单位" if zh else "confidential: the unit does not learn who"),
        Value(key="named", name="实名" if zh else "named"),
    ]
    agreed = [Value(key="no", name="不同意" if zh else "no"), Value(key="yes", name="同意" if zh else "yes")]
    asked = (
        ("unit", "被反映的单位" if zh else "the unit complained of", units),
        ("identity", "身份如何处理" if zh else "how the identity is handled", kinds),
        ("publish_consent", "隐去个人信息后公开" if zh else "publish it without personal data", agreed),
    )
    return Definition(
        service_code=code,
        attributes=[
            Attribute(code=name, datatype="singlevaluelist", order=order, description=words, values=values)
            for order, (name, words, values) in enumerate(asked, 1)
            if values
        ],
    )


class Publisher:
    """Shows complaints in a language; what may identify a person is taken out of the units' replies too."""

    def __init__(self, rules: Rules, session: Session, language: Language) -> None:
        self._rules, self._session, self._language = rules, session, language
        self._names: dict[str, str] = {}
        for service in services(rules.programme, language):
            self._names[service.service_code] = service.service_name

    def requests(self, wanted: Wanted, *, limit: int, skip: int = 0) -> list[Request]:
        """The newest first."""
        rows = store.publication.published(self._session, wanted, limit=limit, skip=skip)
        units = self._units(rows)
        decided = store.publication.decided_at(self._session, {row.about.number for row in rows})
        reply = self._replies(rows)
        return [self._request(row, units, decided, reply) for row in rows]

    def updates(self, wanted: Wanted, *, limit: int) -> list[Update]:
        """Steps, the newest first; the unit's reply stands on the newest step of its complaint."""
        rows = store.publication.updates(self._session, wanted, limit=limit)
        reply = self._replies([row for _, row in rows])
        given: set[str] = set()
        found = []
        for step, row in rows:
            number, state = row.line.number, State(step.state)
            if state not in publication.LISTED:
                continue
            newest = number not in given and state == State(row.about.state)
            given.add(number)
            found.append(
                Update(
                    update_id=f"{number}-{step.id}",
                    service_request_id=number,
                    status=_status(state),
                    updated_datetime=self._moment(step.at),
                    description=self._notes(state, reply(row) if newest and state in publication.ANSWERED else ""),
                )
            )
        return found

    def _request(
        self, row: Published, units: dict[str, str], decided: dict[str, datetime], reply: Callable[[Published], str]
    ) -> Request:
        line, about, state = row.line, row.about, State(row.about.state)
        approved, code = state in publication.WITH_UNIT, line.topic or OTHER
        moments = (line.reported_at, about.screened_at, about.state_at, decided.get(about.number))
        newest = max(moment for moment in moments if moment)
        return Request(
            service_request_id=line.number,
            status=_status(state),
            status_notes=self._notes(state, reply(row) if state in publication.ANSWERED else ""),
            service_name=self._names.get(code, code),
            service_code=code,
            description=plain("\n".join(part for part in (line.title, line.text) if part)) if approved else None,
            agency_responsible=units.get(about.unit or "") if approved else None,
            requested_datetime=self._moment(line.reported_at),
            updated_datetime=self._moment(about.closed_at or newest),
            expected_datetime=self._end_of(about.due) if approved and about.due else None,
            address=plain(line.place) if approved and line.place else None,
            lat=publication.roughly(line.lat) if approved else None,
            long=publication.roughly(line.long) if approved else None,
        )

    def _notes(self, state: State, reply: str) -> str:
        words = said(WORDS[state], self._language)
        return f"{words}\n{plain(reply)}" if reply else words

    def _units(self, rows: Iterable[Published]) -> dict[str, str]:
        keys = {row.about.unit for row in rows if row.about.unit}
        found = store.publication.names_of(self._session, keys)
        return {key: (self._language == "en" and unit.name_en) or unit.name for key, unit in found.items()}

    def _replies(self, rows: Collection[Published]) -> Callable[[Published], str]:
        """The reply of a matter without its people. The vault's content is compared here and shown to nobody."""
        texts = {row.about.number: row.about.reply for row in rows if row.about.reply}
        for number, sealed in store.publication.identities(self._session, texts):
            try:
                person = self._rules.vault.open_identity(sealed.source, sealed.ticket, sealed.identity or b"")
            except Refusal:  # a key that is gone: nobody can tell whether the reply names its person
                texts[number] = ""
                continue
            texts[number] = scrub(texts[number], Known(name=person.name, numbers=(person.phone, person.id_number)))
        return lambda row: texts.get(row.about.number, "")

    def _moment(self, at: datetime) -> str:
        return at.astimezone(self._rules.programme.zone).isoformat(timespec="seconds")

    def _end_of(self, day: date) -> str:
        """A due date holds until 24:00."""
        midnight = datetime.combine(day + timedelta(days=1), time(), self._rules.programme.zone)
        return self._moment(midnight - timedelta(seconds=1))


def _status(state: State) -> str:
    return "closed" if state in publication.CLOSED else "open"
