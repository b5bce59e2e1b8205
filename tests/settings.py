"""The settings of the tests: the product's own, in a throw-away home."""

import os
import tempfile

os.environ["PERENNIAL_HOME"] = tempfile.mkdtemp(prefix="perennial-tests-")

from perennial.config.settings import *  # noqa: F403

if str(DATABASES["default"]["ENGINE"]).endswith("sqlite3"):  # noqa: F405
    # A file, as in production: requests in several threads then wait for each other. In memory
    # they would share one connection and its transaction.
    DATABASES["default"]["TEST"] = {"NAME": str(PERENNIAL_HOME / "tests.sqlite3")}  # noqa: F405

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast, for tests only
STATIC_ROOT.mkdir(exist_ok=True)  # noqa: F405  WhiteNoise warns about a folder that is not there
