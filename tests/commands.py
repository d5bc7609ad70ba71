"""Commands of the product, run as an operator types them, in a process of their own."""

import os
import subprocess
import sys

from django.conf import settings

OUTSIDE = ("DATABASE_URL", "REDIS_URL", "REBUILD_DEMO")


def manage(environment, *words):
    """Run a command with just this environment; nobody answers its questions."""
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, words)], cwd=settings.BASE_DIR, env=environment,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def offline(*words):
    """Run a command that must need no database: there is none."""
    return manage({"PATH": "", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, *words)


def embedded(folder, *words, **environment):
    """Run a command on the SQLite file in `folder`."""
    inherited = {key: value for key, value in os.environ.items() if key not in OUTSIDE}
    own = {"DATA_DIR": str(folder), "FUND_ENV": "development", "DJANGO_SETTINGS_MODULE": "config.settings"}
    return manage(inherited | own | environment, *words)
