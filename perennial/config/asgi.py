"""The ASGI application that uvicorn serves."""

import os
import warnings
from typing import cast

from asgiref.typing import ASGI3Application
from django.conf import settings
from django.core.asgi import get_asgi_application

from perennial.config.bounds import Bounded
from perennial.events.api import keys
from perennial.events.api.application import Intake
from perennial.events.inbox.writer import Inbox

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perennial.config.settings")
# WhiteNoise reads static files synchronously; they are small, and a thread does it.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")
pages = Bounded(cast(ASGI3Application, get_asgi_application()))
# Events never reach Django: what they need stands in memory and in the inbox.
application = Intake(pages, inbox=Inbox(settings.PERENNIAL_HOME / "inbox"), keys=keys.of_database())
