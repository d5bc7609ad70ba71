"""The virus scanner, where one is set up: clamd, asked over its socket."""

import socket
import struct

from .enums import FileFault
from .errors import FileRefused

CHUNK = 64 * 1024
SECONDS = 30.0


def _connect(address: str) -> socket.socket:
    """Return a connection to `host:port` or to the path of a socket."""
    if address.startswith("/"):
        local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        local.settimeout(SECONDS)
        local.connect(address)
        return local
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=SECONDS)


def scan(content: bytes, address: str) -> None:
    """Let the scanner at `address` read the bytes; raises FileRefused also when it does not answer."""
    try:
        with _connect(address) as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), CHUNK):
                piece = content[start : start + CHUNK]
                line.sendall(struct.pack(">I", len(piece)) + piece)
            line.sendall(struct.pack(">I", 0))
            answer = line.recv(4096)
    except (OSError, ValueError) as error:
        raise FileRefused(FileFault.UNSCANNED) from error
    if b"FOUND" in answer:
        raise FileRefused(FileFault.INFECTED)
    if answer.strip(b"\0\n ") != b"stream: OK":
        raise FileRefused(FileFault.UNSCANNED)
