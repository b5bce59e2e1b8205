"""The ASGI application that uvicorn serves."""

import os
import warnings
from typing import cast

from asgiref.typing import ASGI3Application
from django.core.asgi import get_asgi_application

from perennial.config.bounds import Bounded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perennial.config.settings")
# WhiteNoise reads static files synchronously; they are small, and a thread does it.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")
application = Bounded(cast(ASGI3Application, get_asgi_application()))
