"""Times the parts of a peer's work; the last line printed is the measurement, as JSON.

Stands alone: peers' environments hold nothing of ours.
"""

import json
import resource
import sys
import time


class Clock:
    def __init__(self):
        self.seconds = {}
        self.began = time.perf_counter()

    def lap(self, part):
        now = time.perf_counter()
        self.seconds[part] = now - self.began
        self.began = now

    def report(self, **values):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found = {"seconds": self.seconds, "peak_mb": peak, "values": values}
        sys.stdout.write("\n" + json.dumps(found) + "\n")
