"""python -m benchmarks [part …]: everything that is measured, one after the other.

Pages are measured on SQLite and then on a PostgreSQL of their own, each on its own zone; what
the server yields is measured on SQLite, unless it is started by scripts/postgres.
"""

import subprocess
import sys
from pathlib import Path

POSTGRES = Path(__file__).parents[1] / "scripts/postgres"
PARTS = {
    "ledger": ["benchmarks.ledger"],
    "imports": ["benchmarks.imports"],
    "pages": ["benchmarks.pages"],
    "served": ["benchmarks.served"],
}


def main() -> int:
    """Run each part in a process of its own, so that none warms up another."""
    worst = 0
    for name in sys.argv[1:] or PARTS:
        command = [sys.executable, "-m", *PARTS[name]]
        worst = max(worst, subprocess.run(command, check=False).returncode)
        if name == "pages":
            with_postgres = [sys.executable, str(POSTGRES), *command]
            worst = max(worst, subprocess.run(with_postgres, check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
