"""Bring a service's store to its newest schema (Alembic); `python -m shared.migrate NAME` writes a revision."""

import importlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, MetaData, inspect, text
from sqlmodel import SQLModel

from shared.store import writer_engine

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent


def config(service: str, metadata: MetaData) -> "Config":
    """Alembic's configuration for one service; the environment is the same for all (`shared/migrations_env`)."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(HERE / "migrations_env"))
    made.set_main_option("version_locations", str(_versions(service)))
    made.set_main_option("path_separator", "os")
    made.attributes["metadata"] = metadata
    return made


def upgrade(engine: Engine, service: str, base: type[SQLModel]) -> None:
    """Apply every migration that the store does not have yet.

    Alembic (and Mako, and Pygments) is imported only where there is one to apply: a restart is quicker and smaller.
    """
    with engine.connect() as connection:
        if _stands_at(connection) == max(path.name.partition("_")[0] for path in _versions(service).glob("[0-9]*.py")):
            return
        from alembic import command

        made = config(service, base.metadata)
        made.attributes["connection"] = connection
        command.upgrade(made, "head")
        connection.commit()


def _versions(service: str) -> Path:
    return HERE.parent / "services" / service / "migrations" / "versions"


def _stands_at(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _write_revision(service: str) -> None:
    from alembic import command

    base: type[SQLModel] = importlib.import_module(f"services.{service}.store").Base
    _versions(service).mkdir(parents=True, exist_ok=True)
    made = config(service, base.metadata)
    with TemporaryDirectory() as folder, writer_engine(f"sqlite:///{folder}/empty.db").connect() as connection:
        made.attributes["connection"] = connection
        command.upgrade(made, "head")
        number = len(list(_versions(service).glob("*.py"))) + 1
        message = "initial" if number == 1 else (sys.argv[2] if len(sys.argv) > 2 else "change")
        command.revision(made, message=message, autogenerate=True, rev_id=f"{number:04d}")


if __name__ == "__main__":
    _write_revision(sys.argv[1])
