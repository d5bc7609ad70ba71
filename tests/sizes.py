"""How long the long tests are: short in `make test`, at full size in `make proof`, by the environment."""

import os

import pytest

ROUNDS = int(os.environ.get("PROOF_ROUNDS", "1"))
STEPS = int(os.environ.get("PROOF_STEPS", "500"))
CASES = int(os.environ.get("PROOF_CASES", "100"))  # of a property
MAILS = int(os.environ.get("PROOF_MAILS", "60"))
PEOPLE = int(os.environ.get("PROOF_PEOPLE", "1000"))
LINKS = int(os.environ.get("PROOF_LINKS", "2000"))

rounds = pytest.mark.parametrize("again", range(ROUNDS))
FULL_SIZE = "PROOF" in os.environ
full_size_only = pytest.mark.skipif(not FULL_SIZE, reason="runs in `make proof`, it takes minutes")
# What no database answers differently, and is long: on PostgreSQL where there is one, else on SQLite.
on_sqlite_beside_postgresql = "DATABASE_URL" not in os.environ and "NO_POSTGRESQL" not in os.environ
once = pytest.mark.skipif(on_sqlite_beside_postgresql and not FULL_SIZE, reason="runs on PostgreSQL")
