"""A small IMAP server on a real socket: enough of RFC 3501 for one folder and one reader."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Folder:
    """What lies in the folder; `seen` are the numbers that were marked. `breaks`: commands at
    which the server hangs up."""

    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    breaks: set[str] = field(default_factory=set)
    password: str = "p w"

    def url(self) -> str:
        return f"imap://log%40cs.example:p%20w@127.0.0.1:{self.port}/INBOX"


class Session(socketserver.StreamRequestHandler):
    """One reader's session."""

    server: Server

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            tag, _space, command = line.decode().strip().partition(" ")
            verb = command.upper().removeprefix("UID ").split(" ")[0]
            if verb in self.server.folder.breaks:
                return
            done = b"OK done"
            try:
                self.answer(verb, command)
            except PermissionError:
                done = b"NO wrong password"
            self.wfile.write(f"{tag} ".encode() + done + b"\r\n")
            if verb == "LOGOUT":
                return

    def answer(self, verb: str, command: str) -> None:
        folder, out = self.server.folder, self.wfile.write
        match verb:
            case "CAPABILITY":
                out(b"* CAPABILITY IMAP4rev1\r\n")
            case "LOGIN":
                if f'"{folder.password}"' not in command:
                    raise PermissionError
            case "SELECT":
                out(f"* {len(folder.mails)} EXISTS\r\n".encode())
            case "SEARCH":
                new = [n for n in range(1, len(folder.mails) + 1) if n not in folder.seen]
                out(f"* SEARCH {' '.join(map(str, new))}\r\n".encode())
            case "FETCH":
                self.fetch(command)
            case "STORE":
                folder.seen.add(int(command.split()[2]))

    def fetch(self, command: str) -> None:
        number = int(command.split()[2])
        mail = self.server.folder.mails[number - 1]
        if "SIZE" in command:
            text = f"* {number} FETCH (UID {number} RFC822.SIZE {len(mail)})\r\n"
            self.wfile.write(text.encode())
            return
        assert "PEEK" in command  # looking marks nothing
        is_head = "HEADER" in command
        content = re.split(rb"\r?\n\r?\n", mail, maxsplit=1)[0] if is_head else mail
        what = "BODY[HEADER]" if is_head else "BODY[]"
        head = f"* {number} FETCH (UID {number} {what} {{{len(content)}}}\r\n"
        self.wfile.write(head.encode() + content + b")\r\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        super().__init__(("127.0.0.1", 0), Session)


@contextmanager
def serving() -> Iterator[Folder]:
    folder = Folder()
    with Server(folder) as server:
        folder.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield folder
        finally:
            server.shutdown()
            thread.join()
