"""Fixtures: notify on a real SQLite file, without bus and mail server; its HTTP interface."""

from tests.support.notify_house import bare_house, database_url, house
from tests.support.notify_web import web

__all__ = ["bare_house", "database_url", "house", "web"]
