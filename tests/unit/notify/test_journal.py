from pathlib import Path

import pytest

from services.notify.domain.delivery import Outcome
from services.notify.journal import Journal, NoJournal, journal_beside
from shared.errors import Refusal

SENT = Outcome("sent", "", "250 好")


def test_a_journal_tells_what_was_begun_and_what_was_answered(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", "run-1")
    journal.clear()
    journal.begin("l-1")
    journal.end("l-1", SENT)
    journal.begin("l-2")
    journal.close()
    assert Journal(tmp_path / "j", "run-1").begun() == {"l-1": SENT, "l-2": None}


def test_a_journal_of_another_run_of_the_machine_is_not_believed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", "run-1")
    journal.clear()
    journal.begin("l-1")
    journal.close()
    later = Journal(tmp_path / "j", "run-2")
    assert later.begun() is None
    later.clear()
    assert later.begun() == {}


def test_an_empty_file_knows_nothing(tmp_path: Path) -> None:
    assert Journal(tmp_path / "j", "run-1").begun() is None


def test_what_is_committed_is_forgotten(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", "run-1")
    journal.clear()
    journal.begin("l-1")
    journal.clear()
    assert journal.begun() == {}


def test_only_one_process_sends_the_letters_of_a_store(tmp_path: Path) -> None:
    first = Journal(tmp_path / "j", "run-1")
    with pytest.raises(Refusal, match="another process"):
        Journal(tmp_path / "j", "run-1")
    first.close()
    Journal(tmp_path / "j", "run-1").close()


def test_a_database_server_has_no_journal(tmp_path: Path) -> None:
    assert type(journal_beside("postgresql+psycopg://host/db")) is NoJournal
    assert type(journal_beside(f"sqlite:///{tmp_path}/notify.db")) is Journal
