"""Test settings: a data folder and a database file of their own."""

import os
import tempfile

os.environ.setdefault("FUND_ENV", "test")
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="fund-test-")
os.environ.setdefault("SECRET_KEY", "only-for-tests")

from config.settings import *  # noqa: F403
from config.settings import DATA_DIR, DATABASES

DATABASES["default"]["TEST"] = {"NAME": "test_innovation_fund"}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}  # a file: threads and servers share it
else:
    DATABASES["default"]["OPTIONS"].pop("pool")  # forty test threads want forty connections
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
