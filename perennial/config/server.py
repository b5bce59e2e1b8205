"""The web server: uvicorn with Django, its static files, and one worker beside it."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import uvicorn
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from perennial.config.heads import BoundedHeads
from perennial.units.errors import EnvironmentFault

RESTART_AFTER_SECONDS = 5.0


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises EnvironmentFault when taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise EnvironmentFault(
            "{host}:{port} cannot be used: {reason}. Choose another with --port.",
            code="address_in_use",
            params={"host": host, "port": str(port), "reason": error.strerror or ""},
        ) from error
    return listener


def address_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - shown, not bound
        host = socket.gethostname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def collect_static() -> None:
    """Fingerprinted, compressed copies in HOME/static; only when a source has changed."""
    stamp = Path(settings.STATIC_ROOT) / ".sources"
    sources = _digest_of_sources()
    if stamp.exists() and stamp.read_text(encoding="ascii") == sources:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(sources, encoding="ascii")


def _digest_of_sources() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            changed = storage.get_modified_time(name).timestamp()
            digest.update(f"{name}:{storage.size(name)}:{changed}\n".encode())
    return digest.hexdigest()


class Worker:
    """A worker process that lives as long as the server, and is started again if it dies."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._look_after, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()  # a killed day is resumed at the next start
        self._thread.join()

    def _look_after(self) -> None:
        command = [sys.executable, "-m", "perennial.config.cli", "worker"]
        command += ["--beside", str(os.getpid())]
        while not self._stopping.is_set():
            # In a session of its own, so that Ctrl-C reaches the server only, which stops it.
            self._process = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, start_new_session=True
            )
            self._process.wait()
            self._stopping.wait(RESTART_AFTER_SECONDS)


def serve(listener: socket.socket, *, with_worker: bool) -> None:
    """Serve until interrupted; ends open requests, then the worker."""
    config = uvicorn.Config(
        "perennial.config.asgi:application",
        http=BoundedHeads,
        lifespan="on",  # the intake reads its keys first and seals its inbox last
        timeout_keep_alive=75,  # longer than proxies and clients keep idle connections
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    # uvicorn passes the signal on when it is done. Who started us in the background may have had
    # interrupts ignored; one that is sent to us on purpose still means to end.
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    worker = Worker() if with_worker else None
    if worker:
        worker.start()
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        if worker:
            worker.stop()


def _end(_signal: int, _frame: object) -> None:
    raise SystemExit(0)
