"""The ASGI application that uvicorn serves."""

import os
import warnings
from typing import cast

import django
from asgiref.typing import ASGI3Application
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perennial.config.settings")
django.setup()  # before anything below imports a table

from django.core.asgi import get_asgi_application  # noqa: E402

from perennial.config.bounds import Bounded  # noqa: E402
from perennial.events.api import keys  # noqa: E402
from perennial.events.api.application import Intake  # noqa: E402
from perennial.events.inbox.writer import Inbox  # noqa: E402

# WhiteNoise reads static files synchronously; they are small, and a thread does it.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")
pages = Bounded(cast(ASGI3Application, get_asgi_application()))
# Events never reach Django: what they need stands in memory and in the inbox.
application = Intake(pages, inbox=Inbox(settings.PERENNIAL_HOME / "inbox"), keys=keys.of_database())
