"""One settings file. What people may set is listed in docs/guide/settings.md."""

from __future__ import annotations

from pathlib import Path

import django_stubs_ext
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from perennial.config import env

django_stubs_ext.monkeypatch()

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "perennial"

# What people may set
PERENNIAL_HOME = Path(env.text("PERENNIAL_HOME", "./data")).resolve()
PERENNIAL_DATABASE_URL = env.text("PERENNIAL_DATABASE_URL", "")
PERENNIAL_ENGINE = env.text("PERENNIAL_ENGINE", "duckdb")
PERENNIAL_TIME_ZONE = env.zone("PERENNIAL_TIME_ZONE", "Asia/Shanghai")
PERENNIAL_DAY_AT = env.clock("PERENNIAL_DAY_AT", "05:30")
PERENNIAL_CURRENCY = env.text("PERENNIAL_CURRENCY", "CNY")
PERENNIAL_URL = env.text("PERENNIAL_URL", "")
PERENNIAL_EMAIL_URL = env.text("PERENNIAL_EMAIL_URL", "")
PERENNIAL_EMAIL_FROM = env.text("PERENNIAL_EMAIL_FROM", "Perennial <perennial@localhost>")
PERENNIAL_ALLOWED_HOSTS = env.text("PERENNIAL_ALLOWED_HOSTS", "*")
PERENNIAL_ALLOW_PRIVATE_HOSTS = env.text("PERENNIAL_ALLOW_PRIVATE_HOSTS", "")
PERENNIAL_IMAP_URL = env.text("PERENNIAL_IMAP_URL", "")
PERENNIAL_IMAP_ADDRESS = env.text("PERENNIAL_IMAP_ADDRESS", "")
PERENNIAL_HTTPS = env.flag("PERENNIAL_HTTPS")
PERENNIAL_FILE_MB = env.megabytes("PERENNIAL_FILE_MB", 20)
PERENNIAL_CUSTOMER_FILES_MB = env.megabytes("PERENNIAL_CUSTOMER_FILES_MB", 500)
PERENNIAL_FILES_MB = env.megabytes("PERENNIAL_FILES_MB", 10_240)
PERENNIAL_SHARED_DATA = Path(env.text("PERENNIAL_SHARED_DATA", str(ROOT.parent / "shared/data")))

# Made when it is first needed, so that --help and the like leave no home behind.
SECRET_KEY = SimpleLazyObject(lambda: env.secret_key(PERENNIAL_HOME))
DEBUG = env.flag("PERENNIAL_DEBUG")
ALLOWED_HOSTS = PERENNIAL_ALLOWED_HOSTS.split(",")
DATABASES = {"default": env.database(PERENNIAL_DATABASE_URL, PERENNIAL_HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "perennial.web",
    "perennial.team",
    "perennial.notify",
    "perennial.customers",
    "perennial.contracts",
    "perennial.events",
    "perennial.tickets",
    "perennial.surveys",
    "perennial.metrics",
    "perennial.revenue",
    "perennial.health",
    "perennial.alerts",
    "perennial.work",
    "perennial.connectors",
    "perennial.desk",
    "perennial.demo",
    "perennial.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "perennial.web.middleware.ContentSecurityMiddleware",
    "perennial.team.middleware.LoginRequiredMiddleware",
]

ROOT_URLCONF = "perennial.config.urls"
ASGI_APPLICATION = "perennial.config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "perennial.web.context.shell",
                "perennial.team.context.shell",
                "perennial.notify.context.shell",
            ],
            "builtins": ["django.templatetags.i18n", "perennial.web.templatetags.ui"],
        },
    }
]

AUTH_USER_MODEL = "team.User"
LOGIN_URL = "team:log_in"
LOGIN_REDIRECT_URL = "desk:today"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
TIME_ZONE = str(PERENNIAL_TIME_ZONE)
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = PERENNIAL_HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = PERENNIAL_HOME / "files"
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

DEFAULT_FROM_EMAIL = PERENNIAL_EMAIL_FROM
EMAIL_TIMEOUT = 20
globals().update(env.mail_server(PERENNIAL_EMAIL_URL))

NOTIFY_REACH = "perennial.desk.reach"  # the gate of what people are told: notify stands below it

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PERENNIAL_HTTPS
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PERENNIAL_HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "full": {
            "()": "perennial.config.logs.Discreet",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
        "line": {
            "()": "perennial.config.logs.OneLine",
            "format": "{asctime} {levelname} {message}",
            "style": "{",
        },
    },
    "handlers": {
        "file": {"class": "perennial.config.logs.HomeLog", "formatter": "full"},
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "level": "WARNING"},
    },
    "root": {"handlers": ["file", "stderr"], "level": "WARNING"},
    "loggers": {
        "perennial": {"level": "INFO"},
        # The terminal gets the sentence from the command itself.
        "perennial.faults": {"handlers": ["file"], "propagate": False},
    },
}
