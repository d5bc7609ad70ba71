"""The process in which a file of others is looked into: `python -m documents.inspector NAME [unsigned]`, it on stdin.

It prints one line of JSON, then the cleaned bytes. It can neither take much memory or time, nor write a file.
"""

import json
import resource
import sys
import traceback

MEMORY = 640 * 1024**2  # bytes of address space; a picture of 40 million pixels takes 320 MB at most
SECONDS = 20


def main() -> None:
    """Bound this process, then look into the file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # Lazy: the limits come first, the parsers after them.
    from .errors import FileRefused  # noqa: PLC0415
    from .inspecting import inspect  # noqa: PLC0415

    try:
        found = inspect(sys.stdin.buffer.read(), sys.argv[1], unsigned="unsigned" in sys.argv[2:])
        head, content = {"content_type": found.content_type}, found.content
    except FileRefused as no:
        head, content = {"fault": no.fault.value, "detail": no.detail}, b""
    except MemoryError:
        head, content = {"fault": "bomb", "detail": ""}, b""
    except Exception:  # noqa: BLE001  # a reader of foreign bytes may raise anything; the file is not what it says
        traceback.print_exc()
        head, content = {"fault": "damaged", "detail": ""}, b""
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + content)


if __name__ == "__main__":
    main()
