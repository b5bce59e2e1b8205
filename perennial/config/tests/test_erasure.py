"""An erased person is in no file of the home, whatever was interrupted, and cannot come back."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from perennial.events.inbox.frames import Frame, pack
from perennial.events.inbox.segments import Segment

PERSON, ANONYMOUS = "li.wei-7788", "anon-55aa66"
EVERYWHERE = "import json, sys; from perennial.config.cli import run\n" + (
    "for words in json.loads(sys.argv[1]):\n    code = run(words)\n    print('code', code)\n"
)
FILES = {
    "customers": "external_id,name\nacme,Acme\n",
    "people": f"external_id,customer_id,name,email\n{PERSON},acme,李伟,{PERSON}@acme.example\n",
    "touches": "external_id,customer_id,happened_at,kind,person_id,note\n"
    f"t1,acme,2026-10-01 10:00,call,{PERSON},和{PERSON}通话\n",
    "surveys": "external_id,customer_id,kind,score,answered_at,person_id\n"
    f"s1,acme,nps,9,2026-10-01,{PERSON}\n",
    "events": "event,timestamp,customer_id,user_id,invited\n"
    f"login,2026-10-01T10:00:00Z,acme,{PERSON},\n"
    f"login,2026-10-01T10:00:00Z,acme,other,{PERSON}\n",
}
BATCH: list[dict[str, Any]] = [
    {"type": "track", "event": "open", "anonymousId": ANONYMOUS, "properties": {"by": PERSON}},
    {"type": "identify", "userId": PERSON, "anonymousId": ANONYMOUS, "traits": {"mail": PERSON}},
    {"type": "group", "userId": PERSON, "groupId": "acme"},
    {"type": "track", "event": "save", "userId": PERSON},
    {"type": "track", "event": "save", "userId": "someone", "groupId": "acme"},
    {"type": "track", "userId": PERSON},
]
COUNTED = [
    "metrics query event_count --grain day --by customer --from 2026-09-01 --to 2026-11-30 --json",
    "metrics query active_people --grain month --by customer --from 2026-09-01 --to 2026-11-30 "
    "--json",
]
ERASE = ["privacy", "erase", "--person", PERSON, "--yes", "--json"]


def perennial(home: Path, *commands: list[str], failpoint: str = "") -> list[str]:
    """Run commands in one process; what each printed, its exit code after it."""
    environment = os.environ | {
        "PERENNIAL_HOME": str(home),
        "LANG": "C",
        "DJANGO_SETTINGS_MODULE": "perennial.config.settings",
        "PERENNIAL_FAILPOINT": failpoint,
    }
    done = subprocess.run(
        [sys.executable, "-c", EVERYWHERE, json.dumps(commands)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (137 if failpoint else 0), done.stderr
    return done.stdout.splitlines()


def post(home: Path, *, first_id: int, batch: Sequence[Mapping[str, object]] = BATCH) -> None:
    """The batch lies in the inbox as if a client had just posted it."""
    items = [
        {"messageId": f"m{first_id + number}", "timestamp": "2026-11-20T10:00:00Z", **item}
        for number, item in enumerate(batch)
    ]
    now = int(datetime(2026, 11, 20, 10, tzinfo=UTC).timestamp() * 1e6)
    body = json.dumps({"batch": items}).encode()
    (home / "inbox").mkdir(exist_ok=True)
    segment = Segment(home / "inbox")
    segment.write(pack(Frame(now, 1, "batch", "agent", body)))
    segment.seal()


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a person stands everywhere."""
    home, files = tmp_path_factory.mktemp("lived") / "home", tmp_path_factory.mktemp("files")
    commands = [["sources", "add", "app", "--kind", "server"]]
    for kind, text in FILES.items():
        (files / f"{kind}.csv").write_text(text)
        commands.append(["import", kind, str(files / f"{kind}.csv")])
    perennial(home, *commands)
    post(home, first_id=0)
    perennial(home, ["run", "--day", "2026-11-21"])
    (home / "uploads").mkdir(exist_ok=True)
    (home / "uploads" / ("a" * 32)).write_bytes(gzip.compress(FILES["people"].encode()))
    (home / "uploads" / ("b" * 32)).write_text("external_id,name\nacme,Acme\n")
    post(home, first_id=100)
    return home


@pytest.fixture
def home(lived_in: Path, tmp_path: Path) -> Path:
    return shutil.copytree(lived_in, tmp_path / "home")


def contents(home: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file of the home as it is, and decoded."""
    for path in home.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            yield path, data
            if path.suffix == ".parquet":
                yield path, str(pq.ParquetFile(path).read().to_pydict()).encode()
            if data.startswith(b"\x1f\x8b"):
                yield path, gzip.decompress(data)


def naming(home: Path) -> list[Path]:
    ids = (PERSON.encode(), ANONYMOUS.encode())
    return [path for path, data in contents(home) if any(one in data for one in ids)]


def test_no_file_of_the_home_names_an_erased_person_and_figures_stay(home: Path) -> None:
    assert len(naming(home)) >= 5
    load = [it.split() for it in COUNTED]
    before = perennial(home, ["run", "--day", "2026-11-21"], *load)[-4:]
    receipt, code = perennial(home, ERASE)
    assert code == "code 0"
    removed = json.loads(receipt)["removed"]
    assert naming(home) == []
    expected = {"ids": 2, "people": 1, "files": 1, "events_rows": 10, "links_rows": 4}
    assert {name: removed[name] for name in expected} == expected
    assert removed["rejects"] >= 1
    assert removed["traits"] >= 1
    assert (home / "uploads" / ("b" * 32)).exists()
    assert perennial(home, *load) == before


def test_what_still_arrives_of_an_erased_person_is_refused(home: Path) -> None:
    perennial(home, ERASE)
    post(home, first_id=200)
    lines = perennial(home, ["run", "--day", "2026-11-21"], ["sources", "rejects", "--json"], ERASE)
    assert naming(home) == []
    rejected = json.loads(lines[-4])["rejects"]
    assert {it["reason"] for it in rejected if it["body"] == ""} == {"erased"}
    assert lines[-1] == "code 0"  # the earlier receipt again


def test_an_id_that_came_back_in_somebody_elses_property_is_erased_again(home: Path) -> None:
    perennial(home, ERASE)
    told = {"type": "track", "event": "share", "userId": "someone", "properties": {"with": PERSON}}
    post(home, first_id=300, batch=[told])
    perennial(home, ["run", "--day", "2026-11-21"])
    assert naming(home) != []
    assert perennial(home, ERASE)[-1] == "code 0"
    assert naming(home) == []


@pytest.mark.parametrize("place", ["tombstones", "traits", "events_rows", "files", "noted"])
def test_a_killed_erasure_is_finished_by_the_next(home: Path, place: str) -> None:
    perennial(home, ERASE, failpoint=f"erase:{place}")
    receipt, code = perennial(home, ERASE)
    assert code == "code 0"
    assert json.loads(receipt)["finished_at"]
    assert naming(home) == []


def test_an_unknown_id_is_said_so(tmp_path: Path) -> None:
    lines = perennial(tmp_path / "home", ["privacy", "erase", "--person", "nobody", "--yes"])
    assert lines[-1] == "code 3"
