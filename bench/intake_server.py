"""The server of bench/intake.py: the product's intake, and the same without parts of its work.

`durable` is what `perennial serve` runs; `forgetful` decodes, checks keys and limits, and then
answers without writing; `silent` only reads the request and answers: what HTTP itself costs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

import django
import uvicorn

from bench.intake import KEY

django.setup()

from perennial.config.heads import BoundedHeads  # noqa: E402
from perennial.config.server import bind  # noqa: E402
from perennial.events.api import answers  # noqa: E402
from perennial.events.api.application import Intake, send_answer  # noqa: E402
from perennial.events.api.keys import Entrance, Keys  # noqa: E402
from perennial.events.inbox.frames import Frame  # noqa: E402
from perennial.events.inbox.writer import Inbox  # noqa: E402
from perennial.events.rules.keys import digest  # noqa: E402

SOURCE = Entrance(source=1, event_bytes=32 * 1024, batch_bytes=500 * 1024)


class Forgetful(Inbox):
    async def append(self, frame: Frame) -> None:
        """Nothing is kept."""


async def silent(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        await send_answer(send, answers.ACCEPTED)


def main() -> None:
    mode, folder = sys.argv[1], Path(sys.argv[2])
    inbox = (Inbox if mode == "durable" else Forgetful)(folder)
    keys = Keys(lambda: {digest(KEY): SOURCE}, close=lambda: None)
    application = silent if mode == "silent" else Intake(silent, inbox=inbox, keys=keys)
    listener = bind("127.0.0.1", 0)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(
        cast(Any, application),
        http=BoundedHeads,
        lifespan="off" if mode == "silent" else "on",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
