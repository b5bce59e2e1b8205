"""`perennial health backtest`: its document, its exit codes, profiles of files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
import yaml

from conftest import Outcome
from perennial.health.backtest.tests.scene import NOW, Happen, company
from perennial.health.rules.defaults import STEADY
from perennial.metrics.tests.conftest import happen  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
Perennial = Callable[..., Outcome]
KEYS = {
    "days", "n", "losses", "auc", "auc_low", "auc_high", "precision", "recall", "lift",
    "lead_time_days", "amount_caught", "bands", "reason",
}  # fmt: skip


def written(definition: object) -> str:
    """As JSON first: YAML would write lists that are shared as aliases."""
    return yaml.safe_dump(json.loads(json.dumps(definition)))


BACKTEST = ("health", "backtest", "--outcomes")


@time_machine.travel(NOW, tick=False)
def test_the_document_has_every_key_and_the_same_bytes_twice(happen: Happen, perennial: Perennial):  # noqa: F811
    company(happen)
    one = perennial(*BACKTEST, "renewals", "--from", "2026", "--to", "2026-06", "--json")
    two = perennial(*BACKTEST, "renewals", "--from", "2026", "--to", "2026-06", "--json")
    assert (one.code, one.out) == (0, two.out)
    document = one.document
    assert document["settings"]["outcomes"] == "renewals"
    assert (document["settings"]["from"], document["settings"]["to"]) == (
        "2026-01-01", "2026-06-30",
    )  # fmt: skip
    assert isinstance(document["settings"]["seed"], int)
    assert all(it.keys() >= KEYS for it in document["horizons"])
    assert [band["band"] for band in document["horizons"][0]["bands"]] == [
        "red", "yellow", "green", "unknown",
    ]  # fmt: skip
    shown = perennial(*BACKTEST, "renewals")
    assert "30 days before" in shown.out
    assert "Precision" in shown.out
    assert "精确率" in perennial("--lang", "zh", *BACKTEST, "renewals").out


@time_machine.travel(NOW, tick=False)
def test_profiles_of_a_file_are_tried_alone_or_together(
    happen: Happen,  # noqa: F811
    perennial: Perennial,
    tmp_path: Path,
):
    company(happen)
    alone, section = tmp_path / "one.yaml", tmp_path / "all.yaml"
    alone.write_text(written(STEADY), encoding="utf-8")
    section.write_text(written({"profiles": [STEADY]}), encoding="utf-8")
    one, two = (perennial(*BACKTEST, "renewals", "--file", it, "--json") for it in (alone, section))
    steady = perennial(*BACKTEST, "renewals", "--profile", "steady", "--json")
    assert one.document["settings"]["profiles"] == [{"name": "steady", "version": None}]
    assert one.out == two.out
    assert one.document["horizons"] == steady.document["horizons"]
    nobody = tmp_path / "nobody.yaml"
    nobody.write_text(written({**STEADY, "audience": "1;age_days.gte.99999"}), encoding="utf-8")
    found = perennial(*BACKTEST, "renewals", "--file", nobody, "--json").document
    assert {it["n"] for it in found["horizons"]} == {0}
    assert "matches none of 45" in found["horizons"][0]["reason"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param(["silent"], 2, "silent:N", id="silent without days"),
        pytest.param(["silent:0"], 2, "silent:N", id="silent for no days"),
        pytest.param(["stars"], 2, "renewals", id="unknown outcomes"),
        pytest.param(["renewals", "--from", "2026", "--to", "2025"], 2, "--from", id="upside down"),
        pytest.param(["renewals", "--profile", "nobody"], 2, "nobody", id="unknown profile"),
        pytest.param(["renewals", "--profile", "steady:9"], 2, "steady:9", id="unknown version"),
        pytest.param(["renewals", "--file", "gone.yaml"], 2, "gone.yaml", id="no such file"),
    ],
)
def test_wrong_usage_is_told_with_code_two(
    perennial: Perennial, arguments: list[str], code: int, words: str
):
    done = perennial(*BACKTEST, *arguments)
    assert done.code == code
    assert words in done.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param("a: [", "no YAML", id="no yaml"),
        pytest.param("- 1", "defines no profile", id="a list of numbers"),
        pytest.param("a: &x [1]\nb: *x", "* and &", id="aliases"),
        pytest.param(written({**STEADY, "bands": [80, 40]}), "", id="bands upside down"),
        pytest.param(written({**STEADY, "measures": []}), "", id="weights of nothing"),
    ],
)
def test_a_wrong_file_is_refused_with_code_three(
    perennial: Perennial, tmp_path: Path, content: str, words: str
):
    path = tmp_path / "p.yaml"
    path.write_text(content, encoding="utf-8")
    done = perennial(*BACKTEST, "renewals", "--file", path, "--json")
    assert done.code == 3
    assert words in done.document["error"]["message"]
    assert done.document["error"]["file"] == "p.yaml"


def test_an_empty_home_says_that_there_is_nothing(perennial: Perennial):
    for outcomes in ("renewals", "silent:365", "imported"):
        done = perennial(*BACKTEST, outcomes, "--json")
        assert done.code == 0
        assert all(it["n"] == 0 and it["auc"] is None for it in done.document["horizons"])
        assert all("nothing to judge" in it["reason"] for it in done.document["horizons"])
