"""The small office of the desk's tests: its owner, its outsider, its customers."""

from perennial.desk.tests.conftest import as_user, office

__all__ = ["as_user", "office"]
