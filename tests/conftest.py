"""Fixtures of the tests that span slices."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests import postgres as postgres_server
from tests import spark as spark_cluster
from tests.browser import browser, chromium_path


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A running Chromium; without one the test says so, and fails in CI."""
    if chromium_path() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs Chromium: install Debian's package `chromium-headless-shell`")
        pytest.skip("no Chromium found: install it, or name it in PERENNIAL_CHROMIUM")
    # Playwright keeps an event loop in this thread; the ORM is used beside it, not inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browser() as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Server]:
    """A running PostgreSQL."""
    with postgres_server.running() as server:
        yield server


@pytest.fixture(scope="session")
def spark() -> Iterator[str]:
    """The address of a running Spark master with two workers."""
    if lack := spark_cluster.missing():
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI needs Spark: {lack}")
        pytest.skip(lack)
    with spark_cluster.running() as address:
        yield address
