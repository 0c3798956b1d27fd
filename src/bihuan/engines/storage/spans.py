"""A long simulation in spans, so that it tells how far it is and can be stopped between two."""

from collections.abc import Iterator

from bihuan.engines.shape import OnProgress, Progress, Watch

SPAN_STEPS = 1_000_000  # some hundredths of a second


def spans(
    lines: int, steps_each: int, watch: Watch, progress: OnProgress, stage: str
) -> Iterator[tuple[int, int]]:
    """First and stop of spans of a record's lines, until all are done or the watch says so."""
    each = max(1, SPAN_STEPS // steps_each)
    for first in range(0, lines, each):
        if watch.is_over():
            return
        stop = min(first + each, lines)
        yield first, stop
        progress(Progress("storage", stage, stop / lines, elapsed_s=watch.elapsed_s))
