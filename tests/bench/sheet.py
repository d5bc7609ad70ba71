"""`python -m tests.bench.sheet ROWS`: write an xlsx of ROWS x 15 and print the peak memory in KiB."""

import resource
import sys
import tempfile

import django

COLUMNS = [f"Column {n}" for n in range(15)]


def main(rows: int) -> None:
    """Write it to a file that is gone afterwards."""
    django.setup()
    from documents.sheets import write_workbook  # settings first

    lines = ([f"{n} {c}" for c in range(15)] for n in range(rows))
    about = {"source": "bench", "filters": "none", "policy_version": "none"}
    with tempfile.TemporaryFile() as file:
        write_workbook(file, sheet_title="Bench", columns=COLUMNS, rows=lines, about=about)
    sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


if __name__ == "__main__":
    main(int(sys.argv[1]))
