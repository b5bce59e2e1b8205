"""Events in, for backtests: the fixture of the metrics' tests."""

from perennial.metrics.tests.conftest import happen

__all__ = ["happen"]
