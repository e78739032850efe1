"""Fixtures: notify on a real SQLite file, without bus and mail server."""

from tests.support.notify_house import bare_house, database_url, house

__all__ = ["bare_house", "database_url", "house"]
