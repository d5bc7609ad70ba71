"""The embedded broker: kombu's folder of messages, whose files are whole from the moment they can be seen.

kombu 5.6 opens a message's file in the folder and then writes it. A worker that takes it in between reads nothing, and
ends with it; the lists of queues have the same gap while they are written for the first time.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """Puts a message into the folder by renaming it, and leaves out one that a crash has torn."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:
        part = Path(self.data_folder_out) / f"{round(monotonic() * 1000)}_{uuid4()}.part"
        try:
            part.write_text(dumps(payload))
            part.rename(part.with_suffix(f".{queue}.msg"))
        except OSError as no:
            raise ChannelError(f"Cannot add a message to {part.parent}") from no

    def _get(self, queue: str, timeout: Any = None) -> Any:
        while True:
            try:
                return super()._get(queue)
            except ValueError:  # the job stands in the database, and is sent again
                logger.warning("A message of %s was torn and is left out", queue)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.control_folder.mkdir(exist_ok=True)
        with (self.control_folder / "lock").open("wb") as file:
            filesystem.lock(file, filesystem.LOCK_EX)
            yield

    def get_table(self, exchange: str) -> Any:
        """Return the queues of an exchange."""
        with self._alone():
            return super().get_table(exchange)

    def _queue_bind(self, *args: Any) -> None:
        with self._alone():
            super()._queue_bind(*args)

    def _delete(self, *args: Any, **kwargs: Any) -> None:
        with self._alone():
            super()._delete(*args, **kwargs)


class Transport(filesystem.Transport):
    """kombu's folder with these channels."""

    Channel = Channel
