"""Many threads from one barrier."""

import threading

from django.db import connection


def race(count, work, expected=()):
    """Run `work(n)` in `count` threads; return each result, or the name of an expected exception."""
    barrier, outcomes, unexpected = threading.Barrier(count), [], []

    def one(number):
        barrier.wait()
        try:
            outcomes.append(work(number))
        except expected as error:
            outcomes.append(type(error).__name__)
        except BaseException as error:  # noqa: BLE001  (raised again by the main thread)
            unexpected.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if unexpected:
        raise unexpected[0]
    return outcomes
