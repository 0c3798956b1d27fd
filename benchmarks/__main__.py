"""python -m benchmarks: everything that is measured, one after the other."""

import subprocess
import sys

PARTS = ("ledger",)


def main() -> int:
    """Run each part in a process of its own, so that none warms up another."""
    runs = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{part}"], check=False) for part in PARTS
    ]
    return max(run.returncode for run in runs)


if __name__ == "__main__":
    sys.exit(main())
