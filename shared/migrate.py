"""Bring a service's store to its newest schema (Alembic); `python -m shared.migrate NAME` writes a revision."""

import importlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, MetaData
from sqlmodel import SQLModel

from shared.store import writer_engine

HERE = Path(__file__).parent


def config(service: str, metadata: MetaData) -> Config:
    """Alembic's configuration for one service; the environment is the same for all (`shared/migrations_env`)."""
    made = Config()
    made.set_main_option("script_location", str(HERE / "migrations_env"))
    made.set_main_option("version_locations", str(HERE.parent / "services" / service / "migrations" / "versions"))
    made.set_main_option("path_separator", "os")
    made.attributes["metadata"] = metadata
    return made


def upgrade(engine: Engine, service: str, base: type[SQLModel]) -> None:
    """Apply every migration that the store does not have yet."""
    made = config(service, base.metadata)
    with engine.connect() as connection:
        made.attributes["connection"] = connection
        command.upgrade(made, "head")
        connection.commit()


def _write_revision(service: str) -> None:
    base: type[SQLModel] = importlib.import_module(f"services.{service}.store").Base
    (HERE.parent / "services" / service / "migrations" / "versions").mkdir(parents=True, exist_ok=True)
    made = config(service, base.metadata)
    with TemporaryDirectory() as folder, writer_engine(f"sqlite:///{folder}/empty.db").connect() as connection:
        made.attributes["connection"] = connection
        command.upgrade(made, "head")
        number = len(list((HERE.parent / "services" / service / "migrations" / "versions").glob("*.py"))) + 1
        message = "initial" if number == 1 else (sys.argv[2] if len(sys.argv) > 2 else "change")
        command.revision(made, message=message, autogenerate=True, rev_id=f"{number:04d}")


if __name__ == "__main__":
    _write_revision(sys.argv[1])
