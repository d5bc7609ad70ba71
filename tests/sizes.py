"""How long the long tests are: short in `make test`, at full size in `make proof`, by the environment."""

import os

import pytest

ROUNDS = int(os.environ.get("PROOF_ROUNDS", "1"))
STEPS = int(os.environ.get("PROOF_STEPS", "500"))
MAILS = int(os.environ.get("PROOF_MAILS", "60"))
LINKS = int(os.environ.get("PROOF_LINKS", "2000"))

rounds = pytest.mark.parametrize("again", range(ROUNDS))
full_size_only = pytest.mark.skipif("PROOF" not in os.environ, reason="runs in `make proof`, it takes minutes")
