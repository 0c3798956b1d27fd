"""When a job is tried again, when a schedule is due, when a worker counts as lost. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from bihuan.core.days import HERE

BEATS = 6  # how often in the time of its lease a worker says that it lives
MOST_TRIES = 5
BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


def wait_before(attempt: int) -> timedelta:
    """Return how long to wait after the attempt-th try failed (1 is the first)."""
    return BACKOFF[min(attempt, len(BACKOFF)) - 1]


@dataclass(frozen=True)
class Schedule:
    """Something done regularly: every so often, or daily at a time of day in China.

    task is what to enqueue; it takes no arguments and finds its own work.
    """

    name: str
    task: Any
    every: timedelta | None = None
    at: time | None = None

    def __post_init__(self) -> None:
        if (self.every is None) == (self.at is None):
            raise ValueError(f"{self.name}: say either every or at")

    def last_due(self, now: datetime) -> datetime:
        """Return the latest moment, not after now, at which it was due.

        Only that one is ever caught up on, however long the clock or the workers stood.
        """
        if self.every is not None:
            step = int(self.every.total_seconds())
            return datetime.fromtimestamp(int(now.timestamp()) // step * step, tz=HERE)
        assert self.at is not None
        local = now.astimezone(HERE)
        due = local.replace(hour=self.at.hour, minute=self.at.minute, second=0, microsecond=0)
        return due if due <= local else due - timedelta(days=1)
