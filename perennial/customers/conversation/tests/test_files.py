"""Attachments: kept durably, always downloaded, bounded, swept, and nobody else's."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from perennial.customers.conversation import actions, keeping
from perennial.customers.conversation.jobs import sweep
from perennial.customers.conversation.tests.conftest import NOW, Office
from perennial.customers.models import About, Attachment
from perennial.team.models import User

LogIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
PDF = b"%PDF-1.7\n" + b"x" * 5000


def upload(name: str = "offer.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "text/html")  # what a browser says counts for nothing


def attached(office: Office, name: str = "offer.pdf", content: bytes = PDF) -> Attachment:
    return actions.attach(
        office.customer,
        about=About.CUSTOMER,
        about_id=office.customer.pk,
        upload=upload(name, content),
        by=office.owner,
        at=NOW,
    )


def test_a_file_is_kept_and_comes_back_as_a_download(office: Office, as_user: LogIn):
    client = as_user(office.owner)
    answer = client.post(f"{office.talk}files/", {"file": upload("报价 单.pdf")}, headers=HTMX)
    assert "报价 单.pdf" in answer.content.decode()
    row = Attachment.objects.get()
    assert (row.size_bytes, row.sha256) == (len(PDF), hashlib.sha256(PDF).hexdigest())
    got = client.get(f"/customers/{office.customer.pk}/files/{row.pk}/")
    assert got.content == PDF
    assert got.headers["Content-Disposition"].startswith("attachment; filename*=")
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_page_is_served_as_mere_bytes(office: Office, as_user: LogIn):
    row = attached(office, "page.html", b"<html><script>alert(1)</script>")
    got = as_user(office.owner).get(f"/customers/{office.customer.pk}/files/{row.pk}/")
    assert got.headers["Content-Type"] == "application/octet-stream"


def test_a_lie_about_the_type_is_refused_and_leaves_nothing(
    office: Office, as_user: LogIn, home: Path
):
    typed = {"file": upload("photo.png", b"<script>alert(1)</script>")}
    answer = as_user(office.owner).post(f"{office.talk}files/", typed, headers=HTMX)
    assert answer.status_code == 422
    assert "photo.png is not what its name says" in answer.content.decode()
    assert not list((home / "files").iterdir())


@pytest.mark.parametrize(
    ("setting", "content", "sentence"),
    [
        pytest.param("PERENNIAL_FILE_MB", PDF, "A file may have", id="one file"),
        pytest.param("PERENNIAL_CUSTOMER_FILES_MB", PDF, "of this customer", id="a customer"),
        pytest.param("PERENNIAL_FILES_MB", PDF, "All files together", id="all of them"),
        pytest.param("PERENNIAL_FILE_MB", b"", "The file is empty", id="nothing in it"),
    ],
)
def test_what_has_no_room_is_refused(
    office: Office, as_user: LogIn, settings: Any, setting: str, content: bytes, sentence: str
):
    setattr(settings, setting, 0)
    typed = {"file": upload(content=content)}
    answer = as_user(office.owner).post(f"{office.talk}files/", typed, headers=HTMX)
    assert sentence in answer.content.decode()
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("../../etc/passwd", "passwd", id="a path"),
        pytest.param("..\\..\\boot.ini", "boot.ini", id="a path of Windows"),
        pytest.param("a\u202egnp.exe", "agnp.exe", id="turned writing direction"),
        pytest.param("x" * 300 + ".pdf", "x" * 196 + ".pdf", id="very long"),
    ],
)
def test_a_name_is_only_a_name(given: str, kept: str):
    assert actions._name(given) == kept


def test_a_foreign_file_does_not_exist(office: Office, as_user: LogIn):
    row = attached(office)
    client = as_user(office.outsider)
    base = f"/customers/{office.customer.pk}/files/{row.pk}/"
    assert client.get(base).status_code == 404
    for address in (f"{base}remove/", f"{base}restore/", f"{office.talk}files/"):
        assert client.post(address, {"file": upload()}).status_code == 404
    assert Attachment.objects.get().removed_at is None


def test_a_removed_file_comes_back_for_thirty_days(office: Office, as_user: LogIn, home: Path):
    row = attached(office)
    client = as_user(office.owner)
    base = f"/customers/{office.customer.pk}/files/{row.pk}/"
    toast = json.loads(client.post(f"{base}remove/", headers=HTMX).headers["HX-Trigger"])["toast"]
    assert client.get(base).status_code == 404
    sweep(at=NOW + timedelta(days=29))
    client.post(toast["undo"], headers=HTMX)
    assert client.get(base).status_code == 200
    client.post(f"{base}remove/", headers=HTMX)
    assert sweep(at=NOW + timedelta(days=31))["removed_files"] == 1
    assert not list((home / "files").iterdir())


def test_orphans_are_swept_but_not_what_is_just_being_written(office: Office, home: Path):
    row = attached(office)
    old, young = keeping.keep([b"old"]), keeping.keep([b"young"])
    cut_off = home / "files" / "dead.part"
    cut_off.write_bytes(b"half")
    an_hour_ago = time.time() - 4000
    for path in (keeping.path_of(old.stored_as), cut_off, keeping.path_of(row.stored_as)):
        os.utime(path, (an_hour_ago, an_hour_ago))
    assert sweep(at=NOW) == {"removed_files": 0, "orphaned_files": 2}
    left = {path.name for path in (home / "files").iterdir()}
    assert left == {young.stored_as, row.stored_as}


def test_a_row_that_fails_leaves_no_file(
    office: Office, home: Path, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the database is down")

    monkeypatch.setattr(actions, "_line", broken)
    with pytest.raises(RuntimeError):
        attached(office)
    assert not Attachment.objects.exists()
    assert not list((home / "files").iterdir())


def test_a_file_that_vanished_is_not_found(office: Office, as_user: LogIn):
    row = attached(office)
    keeping.forget(row.stored_as)
    got = as_user(office.owner).get(f"/customers/{office.customer.pk}/files/{row.pk}/")
    assert got.status_code == 404


def test_a_stored_name_is_never_a_path():
    with pytest.raises(ValueError, match="attachment"):
        keeping.path_of("../secret_key")
