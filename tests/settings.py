"""Test settings: a data folder and a database file of their own."""

import os
import tempfile
from hashlib import sha256

os.environ.setdefault("FUND_ENV", "test")
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="fund-test-")
os.environ.setdefault("SECRET_KEY", "only-for-tests")

from config.settings import *  # noqa: F403
from config.settings import BASE_DIR, DATA_DIR, DATABASES

# Two checkouts on one machine test side by side, each in a database of its own.
DATABASES["default"]["TEST"] = {"NAME": f"test_fund_{sha256(str(BASE_DIR).encode()).hexdigest()[:8]}"}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}  # a file: threads and servers share it
else:
    DATABASES["default"]["OPTIONS"].pop("pool")  # forty test threads want forty connections
    DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"  # nobody keeps what tests commit
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT = None
CELERY_BROKER_TRANSPORT_OPTIONS = {}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
