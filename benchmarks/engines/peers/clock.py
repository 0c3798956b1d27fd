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
        self.busy = time.process_time()

    def lap(self, part):
        now = time.perf_counter()
        self.seconds[part] = now - self.began
        self.began = now

    def report(self, **values):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        busy = time.process_time() - self.busy
        found = {"seconds": self.seconds, "peak_mb": peak, "values": values, "processor_s": busy}
        sys.stdout.write("\n" + json.dumps(found) + "\n")
