"""Keeping the words of a compiled library out of a command's answer."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

OUT = 1  # the file descriptor of the standard output


@contextmanager
def without_library_words() -> Iterator[None]:
    """Drop what compiled code writes to the standard output meanwhile, past Python: a solver's remarks are no answer.

    What Python wrote before is kept. Where there is no standard output at all nothing is done.
    """
    sys.stdout.flush()
    _flush_compiled()
    try:
        kept = os.dup(OUT)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, OUT)
        yield
        _flush_compiled()  # else its buffer would be written when the process ends
    finally:
        os.dup2(kept, OUT)
        os.close(kept)
        os.close(nowhere)


def _flush_compiled() -> None:
    """Write out the buffers of the C library."""
    ctypes.CDLL(None).fflush(None)
