"""Durable intake: events and requests a second, their waiting times, and what each part costs.

Three servers take the same requests in turns, in one run: the product's, one that decodes the
same bodies without making them durable, and one that only speaks HTTP. A load generator in a
process of its own sends prepared requests over 32 connections, each waiting for its answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import msgspec
import uvloop

KEY = "sk_bench"
CONNECTIONS = 32
PREPARED = 64  # different requests, sent over and over
WARM_SECONDS = 0.5
MODES = ("silent", "forgetful", "durable")
LEAST = {100: ("events/s", 150_000), 1: ("requests/s", 5_000)}
P99_MS, LEAST_RATIO = 60, 0.45


@dataclass(frozen=True)
class Measured:
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float  # of the server, per request


def item(number: int) -> dict[str, object]:
    return {
        "type": "track",
        "event": "Report Opened",
        "messageId": str(uuid.UUID(int=number + 2**100)),
        "userId": f"user-{number % 5000:05d}",
        "timestamp": "2026-11-22T10:00:00.000Z",
        "context": {"groupId": f"customer-{number % 500:04d}"},
        "properties": {"report": "Renewals", "rows": number % 977, "shared": True, "seconds": 1.5},
    }


def prepared(batch: int) -> list[bytes]:
    """Whole requests, with what a stock client sends."""
    found = []
    for place in range(PREPARED):
        items = [item(place * batch + number) for number in range(batch)]
        body: dict[str, object] = {"batch": items, "sentAt": "2026-11-22T10:00:01.000Z"}
        content = json.dumps((body if batch > 1 else items[0]) | {"writeKey": KEY}).encode()
        head = (
            f"POST /v1/{'batch' if batch > 1 else 'track'} HTTP/1.1\r\nHost: localhost\r\n"
            "User-Agent: analytics-python/2.4.0\r\nContent-Type: application/json\r\n"
            f"Accept: */*\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        found.append(head.encode() + content)
    return found


class Connection(asyncio.Protocol):
    """Sends one request after the other, each when the one before is answered."""

    def __init__(
        self, requests: list[bytes], first: int, waited: list[tuple[float, float]]
    ) -> None:
        self._requests, self._next, self._waited = requests, first, waited
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        self._begun = time.perf_counter()
        self._transport.write(self._requests[self._next % len(self._requests)])
        self._next += 1

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if b"\r\n\r\n" in self._answer and self._answer.endswith(b"}"):
            assert self._answer.startswith(b"HTTP/1.1 200"), self._answer
            self._answer = b""
            now = time.perf_counter()
            self._waited.append((now, now - self._begun))
            self._send()


def load(port: int, batch: int, seconds: float) -> list[float]:
    """The waiting times of all requests that were answered in the measured seconds."""
    requests = prepared(batch)
    waited: list[tuple[float, float]] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        for place in range(CONNECTIONS):
            first = place * PREPARED // CONNECTIONS
            await loop.create_connection(
                lambda first=first: Connection(requests, first, waited),  # type: ignore[misc]
                "127.0.0.1",
                port,
            )
        await asyncio.sleep(WARM_SECONDS + seconds)

    begun = time.perf_counter()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
    window = (begun + WARM_SECONDS, begun + WARM_SECONDS + seconds)
    return [took for at, took in waited if window[0] <= at < window[1]]


@contextmanager
def server(mode: str, folder: Path) -> Iterator[tuple[int, int]]:
    """Its port and process id."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.intake_server", mode, str(folder)],
        stdout=subprocess.PIPE,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "perennial.config.settings"},
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline()), process.pid
    finally:
        process.terminate()
        process.wait()
        for file in folder.glob("*"):
            file.unlink()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(mode: str, batch: int, seconds: float, folder: Path) -> Measured:
    with server(mode, folder) as (port, pid), multiprocessing.get_context("spawn").Pool(1) as pool:
        before = cpu_seconds(pid)
        waited = sorted(pool.apply(load, (port, batch, seconds)))
        spent = cpu_seconds(pid) - before
    answered = len(waited) * (seconds + WARM_SECONDS) / seconds
    return Measured(
        requests_per_second=len(waited) / seconds,
        p50_ms=waited[len(waited) // 2] * 1000,
        p99_ms=waited[len(waited) * 99 // 100] * 1000,
        cpu_us=spent / answered * 1e6,
    )


def limits(folder: Path) -> None:
    """How far the physical limits are: flushing alone, decoding JSON alone."""
    body = prepared(100)[0].partition(b"\r\n\r\n")[2]
    decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
    begun, times = time.perf_counter(), 0
    while time.perf_counter() - begun < 1:
        decoder.decode(body)
        times += 1
    print(f"  decoding JSON alone     {times * 100:>9,} events/s")
    for size, name in ((len(body) // 100 + 60, "one event"), (len(body) * 32, "32 batches of 100")):
        handle = os.open(folder / "alone", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        data = b"x" * size
        begun, times = time.perf_counter(), 0
        while time.perf_counter() - begun < 1:
            os.write(handle, data)
            os.fdatasync(handle)
            times += 1
        os.close(handle)
        (folder / "alone").unlink()
        print(f"  write + fdatasync alone {times:>9,} a second, of {name} ({size:,} bytes)")


def report(batch: int, rounds: int, seconds: float, folder: Path) -> bool:
    found: dict[str, list[Measured]] = {mode: [] for mode in MODES}
    for _ in range(rounds):
        for mode in MODES:
            found[mode].append(measure(mode, batch, seconds, folder))

    def median(mode: str, figure: str) -> float:
        return float(statistics.median(getattr(it, figure) for it in found[mode]))

    rate = {mode: median(mode, "requests_per_second") for mode in MODES}
    cost = {mode: median(mode, "cpu_us") for mode in MODES}
    ratios = [
        durable.requests_per_second / forgetful.requests_per_second
        for durable, forgetful in zip(found["durable"], found["forgetful"], strict=True)
    ]
    ratio, p99 = statistics.median(ratios), median("durable", "p99_ms")
    unit, least = LEAST[batch]
    print(f"  batch {batch}: {rate['durable'] * batch:,.0f} {unit} durable (at least {least:,})")
    print(f"    waiting  p50 {median('durable', 'p50_ms'):.1f} ms, p99 {p99:.1f} ms")
    print(f"    ratio to the same without durability {ratio:.2f} (at least {LEAST_RATIO})")
    others = [f"{rate[mode] * batch:,.0f}" for mode in ("forgetful", "silent")]
    print("    without durability {}, HTTP alone {}".format(*others))
    print(
        f"    processor per request: HTTP {cost['silent']:.0f} µs, decoding, key and limits"
        f" {cost['forgetful'] - cost['silent']:.0f} µs, framing, append and flush"
        f" {cost['durable'] - cost['forgetful']:.0f} µs"
    )
    return rate["durable"] * batch >= least and ratio >= LEAST_RATIO and p99 <= P99_MS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--folder", type=Path, default=Path("/var/tmp"), help="on the disk to measure"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name)
        limits(folder)
        held = [report(batch, asked.rounds, asked.seconds, folder) for batch in (100, 1)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
