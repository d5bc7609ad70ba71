"""Exit status 0 when the PostgreSQL server for tests answers."""

import os
import sys

import psycopg

try:
    psycopg.connect(os.environ["TEST_POSTGRESQL"], connect_timeout=3).close()
except psycopg.OperationalError:
    sys.exit(1)
