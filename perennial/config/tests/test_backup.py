"""A backup goes back whole, or not at all."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import json
import shutil
import tarfile
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from perennial.config import database, home
from perennial.config.backup import dump
from perennial.config.backup.restore import restore
from perennial.config.backup.write import write
from perennial.customers.conversation import keeping
from perennial.customers.models import Customer
from perennial.team import lease
from perennial.units.errors import Busy, InputRefused

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def customer(external_id: str, *, name: str) -> Customer:
    return Customer.objects.create(external_id=external_id, name=name, recorded_at=NOW)


@pytest.fixture
def own_home(home: Path) -> Any:
    """A home with its own database, as outside tests; SQLite's test database has no file."""
    if connection.vendor != "sqlite":
        yield home
        return
    memory = connections["default"]
    file = memory.copy()
    file.settings_dict["NAME"] = str(home / "perennial.sqlite3")
    connections["default"] = file
    database.ready()
    yield home
    file.close()
    connections["default"] = memory


@pytest.fixture(autouse=True)
def nobody_else_in_the_home() -> Any:
    yield
    for handle in home._in_use.values():
        handle.close()
    home._in_use.clear()


def leave(place: Path) -> None:
    home._in_use.pop(place).close()


def test_what_was_there_comes_back_and_what_came_later_is_gone(own_home: Path, tmp_path: Path):
    file = own_home / "store" / "events" / "part.parquet"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x" * 2_000_000)
    customer("C1", name="北京卓泽科技")
    write(tmp_path / "b.tar.gz", at=NOW)
    customer("C2", name="later")
    file.unlink()
    leave_if_entered(own_home)
    restored = restore(tmp_path / "b.tar.gz", force=True, at=NOW)
    assert list(Customer.objects.values_list("name", flat=True)) == ["北京卓泽科技"]
    assert file.read_bytes() == b"x" * 2_000_000
    assert restored.replaced is not None
    customer("C3", name="numbers go on after a restore")
    assert not list(own_home.glob("backup-*"))


def test_attached_files_come_back_with_their_rows(own_home: Path, tmp_path: Path):
    kept = keeping.keep([b"the offer"])
    write(tmp_path / "backup.tar.gz", at=NOW)
    keeping.forget(kept.stored_as)
    leave_if_entered(own_home)
    restore(tmp_path / "backup.tar.gz", force=True, at=NOW)
    assert keeping.path_of(kept.stored_as).read_bytes() == b"the offer"


def test_a_home_of_one_minute_leaves_nothing_aside(own_home: Path, tmp_path: Path):
    write(tmp_path / "b.tar.gz", at=NOW)
    leave_if_entered(own_home)
    shutil.rmtree(own_home / "store")
    assert restore(tmp_path / "b.tar.gz", force=False, at=NOW).replaced is None
    assert not list(own_home.glob("replaced-*"))


def test_a_damaged_database_is_replaced(own_home: Path, tmp_path: Path):
    if connection.vendor != "sqlite":
        pytest.skip("a server looks after its own files")
    customer("C1", name="here")
    write(tmp_path / "b.tar.gz", at=NOW)
    connection.close()
    (own_home / "perennial.sqlite3").write_bytes(b"no database" * 500)
    leave_if_entered(own_home)
    restore(tmp_path / "b.tar.gz", force=True, at=NOW)
    assert Customer.objects.get().name == "here"


def leave_if_entered(place: Path) -> None:
    if place in home._in_use:
        leave(place)


def test_an_archive_is_readable_by_its_owner_only(own_home: Path, tmp_path: Path):
    write(tmp_path / "b.tar.gz", at=NOW)
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o777 == 0o600


def test_a_home_with_data_is_not_replaced_without_force(own_home: Path, tmp_path: Path):
    customer("C1", name="here")
    write(tmp_path / "b.tar.gz", at=NOW)
    leave_if_entered(own_home)
    with pytest.raises(InputRefused) as refused:
        restore(tmp_path / "b.tar.gz", force=False, at=NOW)
    assert refused.value.code == "home_not_empty"
    assert Customer.objects.get().name == "here"


def cut_off(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip_one_byte(content: bytes) -> bytes:
    """The first one from the middle on that means something: a few bits of a stream pad it."""
    for place in range(len(content) // 2, len(content)):
        flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        try:
            if gzip.decompress(flipped) != gzip.decompress(content):
                return flipped
        except (OSError, EOFError, zlib.error):
            return flipped
    raise AssertionError


def other_kind(_content: bytes) -> bytes:
    return b"customer_id,name\n1,x\n"


def escaping(_content: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        entry = tarfile.TarInfo("../../escaped")
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"x"))
    return made.getvalue()


def linking(_content: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        entry = tarfile.TarInfo("home/store")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(entry)
        entry = tarfile.TarInfo("home/store/escaped")
        archive.addfile(entry, io.BytesIO())
    return made.getvalue()


def made_of(**files: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.replace("__", "/").replace("_json", ".json"))
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def without_a_database(_content: bytes) -> bytes:
    kept = {"format": 1, "made_at": "", "database": "sqlite", "migrations": [], "files": {}}
    return made_of(manifest_json=json.dumps(kept).encode())


def with_a_list_for_a_manifest(_content: bytes) -> bytes:
    return made_of(manifest_json=b"[]")


def beside_the_home(_content: bytes) -> bytes:
    sums = {"elsewhere": hashlib.sha256(b"x").hexdigest()}
    kept = {"format": 1, "made_at": "", "database": "postgresql", "migrations": [], "files": sums}
    return made_of(elsewhere=b"x", manifest_json=json.dumps(kept).encode())


def with_a_wrong_checksum(content: bytes) -> bytes:
    made = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(content)) as old,
        tarfile.open(fileobj=made, mode="w:gz") as new,
    ):
        for entry in old:
            text = old.extractfile(entry)
            assert text is not None
            kept = text.read()
            if entry.name == "manifest.json":
                manifest = json.loads(kept)
                first = min(manifest["files"])
                manifest["files"][first] = hashlib.sha256(b"another").hexdigest()
                kept = json.dumps(manifest).encode()
                entry.size = len(kept)
            new.addfile(entry, io.BytesIO(kept))
    return made.getvalue()


@pytest.mark.parametrize(
    "damage",
    [cut_off, flip_one_byte, other_kind, escaping, linking, without_a_database,
     with_a_list_for_a_manifest, beside_the_home, with_a_wrong_checksum],
)  # fmt: skip
def test_a_damaged_archive_is_refused_and_nothing_is_touched(
    own_home: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
):
    customer("C1", name="here")
    file = tmp_path / "b.tar.gz"
    write(file, at=NOW)
    file.write_bytes(damage(file.read_bytes()))
    leave_if_entered(own_home)
    with pytest.raises(InputRefused) as refused:
        restore(file, force=True, at=NOW)
    assert refused.value.code == "bad_backup"
    assert Customer.objects.get().name == "here"
    assert not (own_home / "restore-staging").exists()


def test_a_full_disk_is_no_damage_of_the_archive(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write(tmp_path / "b.tar.gz", at=NOW)
    leave_if_entered(own_home)

    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("perennial.config.backup.restore._extract", full)
    with pytest.raises(OSError, match="No space left"):
        restore(tmp_path / "b.tar.gz", force=True, at=NOW)


def test_a_home_in_use_is_not_restored(own_home: Path, tmp_path: Path):
    write(tmp_path / "b.tar.gz", at=NOW)
    home.enter()
    with pytest.raises(Busy):
        restore(tmp_path / "b.tar.gz", force=True, at=NOW)


def test_nobody_holds_a_lease_in_a_restored_home(own_home: Path, tmp_path: Path):
    with lease.hold("worker"):
        write(tmp_path / "b.tar.gz", at=NOW)
    leave_if_entered(own_home)
    restore(tmp_path / "b.tar.gz", force=True, at=NOW)
    assert lease.holder_of("worker") is None


def test_a_writer_that_does_not_end_lets_no_backup_pass(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("perennial.config.backup.write._LOCK_SECONDS", 0.1)
    monkeypatch.setattr(dump, "_WAIT_SECONDS", 1.0)
    somebody = connections["default"].copy()
    somebody.set_autocommit(False)
    with somebody.cursor() as cursor:
        cursor.execute("UPDATE customers_customer SET name = 'not yet'")
    with pytest.raises(Busy):
        write(tmp_path / "b.tar.gz", at=NOW)
    somebody.rollback()
    somebody.close()
    assert not (tmp_path / "b.tar.gz").exists()


def test_nobody_writes_while_the_database_is_copied(own_home: Path, tmp_path: Path):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL waits instead")
    from django.db import OperationalError

    connection.close()
    connection.settings_dict["OPTIONS"] = connection.settings_dict["OPTIONS"] | {"timeout": 0}
    with dump.frozen(tmp_path / "database"), pytest.raises(OperationalError):
        customer("C1", name="too early")
