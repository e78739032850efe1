"""T7 in full: a mail server that fails in every way at every moment. At most one copy a notice and person, the
unknown listed for somebody to decide, and nobody left out (N3)."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.mail_server import (
    PHASES,
    Answer,
    MailServer,
    answer_and_die,
    drop,
    endless,
    garbage,
    hang,
    keep_and_drop,
    keep_and_hang,
    two_answers,
)
from tests.support.notify_house import a_house, furnish
from tests.support.posting import Post, hurry, posting, settings

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

FAULTS: dict[str, Answer | str] = {
    "drop": drop,
    "hang": hang,
    "garbage": garbage,
    "endless": endless,
    "421": "421 closing down",
    "4xx": "451 come again",
    "5xx": "554 not wanted",
}
MATRIX = [(phase, fault) for phase in PHASES for fault in FAULTS]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def mail() -> AsyncIterator[MailServer]:
    server = MailServer()
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def post(mail: MailServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    url = f"sqlite:///{tmp_path_factory.mktemp('faults') / 'notify.db'}"
    patch = pytest.MonkeyPatch()
    hurry(patch)
    async with a_house(url) as house:
        await furnish(house)
        async with posting(house, settings(mail.port)) as running:
            yield running
    patch.undo()


@pytest.fixture(autouse=True)
def well_again(mail: MailServer) -> None:
    """Whatever the test before left unsaid is not said now."""
    for answers in mail.answers.values():
        answers.clear()


async def settled(post: Post) -> None:
    """What waits for a later try has had it, and who is next in line has been told."""
    for time in ({"minutes": 6}, {"days": 1}):
        await post.done()
        post.pass_(**time)
    await post.done()


def expected(phase: str, fault: str) -> dict[str, str]:
    """What the fault means for the handler, and for the leader who is next in line."""
    if phase == "DATA" and fault in ("drop", "hang", "garbage", "endless"):
        return {"wang": "uncertain"}
    if phase in ("RCPT", "354", "DATA") and fault == "5xx":
        return {"wang": "failed", "li": "sent"}
    return {"wang": "sent"}


@pytest.mark.parametrize(("phase", "fault"), MATRIX, ids=[f"{phase}-{fault}" for phase, fault in MATRIX])
async def test_n3_whatever_fails_at_whatever_moment_nobody_has_two_copies_or_none(
    post: Post, mail: MailServer, phase: str, fault: str
) -> None:
    """T7."""
    if phase in ("GREETING", "EHLO"):
        await forget_connections(post, mail)
    mail.answers[phase] = [FAULTS[fault]]
    told = await post.new_case()
    await settled(post)
    assert not mail.answers[phase], "the fault happened"
    wanted = expected(phase, fault)
    assert await told.states() == wanted
    for person, state in wanted.items():
        assert told.copies(mail, person) == (state == "sent"), person
    assert await told.listed() == [person for person, state in wanted.items() if state == "uncertain"]
    assert len(set(mail.ids())) == len(mail.ids()), "a second copy"


async def forget_connections(post: Post, mail: MailServer) -> None:
    """The server ends all connections, and the sender has seen it."""
    port = mail.port
    await mail.stop()
    mail.port = port
    await mail.start()
    await asyncio.sleep(0)


@pytest.mark.parametrize("fault", [keep_and_drop, keep_and_hang], ids=["drop", "hang"])
async def test_n3_a_letter_that_was_taken_without_a_word_is_not_sent_again(
    post: Post, mail: MailServer, fault: Answer
) -> None:
    """T7: the other half of the doubt: this time it did go."""
    mail.answers["DATA"] = [fault]
    told = await post.new_case()
    await settled(post)
    assert await told.listed() == ["wang"]
    post.pass_(days=90)
    await post.done()
    assert told.copies(mail, "wang") == 1


async def test_n3_a_server_that_dies_after_its_250_took_the_letter(post: Post, mail: MailServer) -> None:
    """T7: kill after 250."""
    mail.answers["DATA"] = [answer_and_die, answer_and_die, answer_and_die]
    told = [await post.new_case() for _ in range(4)]
    await settled(post)
    assert [await one.states() for one in told] == [{"wang": "sent"}] * 4
    assert [one.copies(mail, "wang") for one in told] == [1] * 4


async def test_n3_a_second_answer_to_one_letter_is_not_taken_for_the_next_letters(post: Post, mail: MailServer) -> None:
    """T7: one 250 too many, then a refusal."""
    mail.answers["DATA"] = [two_answers, "554 not wanted"]
    first = await post.new_case()
    await post.done()
    second = await post.new_case()
    await settled(post)
    assert await first.states() == {"wang": "sent"}
    assert await second.states() == {"wang": "failed", "li": "sent"}
    assert (first.copies(mail, "wang"), second.copies(mail, "wang")) == (1, 0)


async def test_n3_greylisting_costs_time_and_nothing_else(post: Post, mail: MailServer) -> None:
    """T7: 450 for everybody at first, taken when they come again."""
    mail.greylist = set()
    try:
        told = await post.new_case(("handler", "main_leader"))
        await post.done()
        assert await told.states() == {"wang": "planned", "li": "planned"}
        post.pass_(minutes=5)
        await post.done()
    finally:
        mail.greylist = None
    assert await told.states() == {"wang": "sent", "li": "sent"}
    assert (told.copies(mail, "wang"), told.copies(mail, "li")) == (1, 1)


async def test_n3_of_several_people_the_refused_one_alone_is_replaced(post: Post, mail: MailServer) -> None:
    """T7: one of three people of the notice has no mailbox; the other two have their letter, the next in line his."""
    told = await post.new_case(("handler", "main_leader", "superior"))
    number = told.case.rpartition("-")[2].lstrip("0")
    await post.done()
    mail.refused.add(f"zhao{int(number) + 1}@u{int(number) + 1}.example")
    refusing = await post.new_case(("handler", "main_leader", "superior"))
    await settled(post)
    assert await told.states() == {"wang": "sent", "li": "sent", "zhao": "sent"}
    states = await refusing.states()
    assert {states.pop("wang"), states.pop("li")} == {"sent"}
    assert states.pop("zhao") == "failed"
    assert list(states.values()) == ["sent"], "the office, last in every line"
    assert len(set(mail.ids())) == len(mail.ids())


async def test_n3_a_server_that_speaks_byte_by_byte_is_only_slow(post: Post, mail: MailServer) -> None:
    """T7: split answers."""
    mail.byte_by_byte = True
    try:
        told = await post.new_case(("handler", "main_leader"))
        await settled(post)
    finally:
        mail.byte_by_byte = False
    assert await told.states() == {"wang": "sent", "li": "sent"}


async def test_n3_a_server_that_ends_a_connection_after_some_letters_gets_new_ones(
    post: Post, mail: MailServer
) -> None:
    """T7: 421 after two letters; no letter waits for its turn because of it, and the server is not called away."""
    mail.letters_a_connection = 2
    before = mail.connections
    try:
        told = [await post.new_case(("handler", "main_leader")) for _ in range(4)]
        await settled(post)
    finally:
        mail.letters_a_connection = None
    assert [await one.states() for one in told] == [{"wang": "sent", "li": "sent"}] * 4
    assert [one.copies(mail, person) for one in told for person in ("wang", "li")] == [1] * 8
    assert mail.connections - before >= 3
    assert post.sender.degraded() == {}


async def test_n3_what_is_in_doubt_is_on_a_list_and_an_operator_is_told_of_each(post: Post, mail: MailServer) -> None:
    """T7: the unknown is for a person to decide."""
    uncertain = await post.house.notices(state="uncertain")
    told = await post.house.notices(template="notice_uncertain")
    assert uncertain
    assert {n["facts"]["letter"] for n in told} >= {n["letter"] for n in uncertain}
