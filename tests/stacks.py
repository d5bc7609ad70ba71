"""Which worker runs what: all that is served by one stack runs on one worker, so that each stack is served once.

The marks of pytest-xdist 3.8 for this rest on an attribute that pytest 9.2 no longer has.
"""

from xdist.scheduler import LoadScopeScheduling

NAMES = ("sqlite", "postgresql")


def stack_of(nodeid):
    """Return the stack that a test of the browser names in its brackets, else the test itself."""
    told = nodeid.rpartition("[")[2].lower() if nodeid.startswith("tests/browser") else ""
    return next((name for name in NAMES if name in told), nodeid)


class ByStack(LoadScopeScheduling):
    """Sends all tests of a stack to one worker, every other by itself."""

    def _split_scope(self, nodeid):
        return stack_of(nodeid)
