"""Uploaded files: distrusted. They lie under generated names, bounded in size."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

LARGEST_BYTES = 512 * 1024 * 1024


class BoundedUpload(FileUploadHandler):
    """Stops reading a request whose files grow beyond LARGEST_BYTES; leaves `too_large` on it."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002
        self._bytes += len(raw_data)
        if self._bytes > LARGEST_BYTES:
            assert self.request is not None
            self.request.META["perennial.too_large"] = "1"
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002
        """Another handler makes the file."""
        return


def folder() -> Path:
    home: Path = settings.PERENNIAL_HOME
    path = home / "uploads"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def keep(file: UploadedFile) -> str:
    """Store an upload under a generated name; returns that name."""
    name = uuid4().hex
    with (folder() / name).open("xb") as target:
        for chunk in file.chunks():
            target.write(chunk)
    return name


def path_of(name: str) -> Path:
    """Where an upload lies; the name is one that `keep` made, never a user's."""
    if len(name) != 32 or not name.isalnum():
        raise ValueError("not the name of an upload")
    return folder() / name


def forget(name: str) -> None:
    if name:
        path_of(name).unlink(missing_ok=True)
