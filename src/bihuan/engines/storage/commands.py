"""How a station answered each command of the dispatch centre, from two traces.

    T_0   the command is issued at power P_0
    T_S   power has left P_0 by the start dead band, in the right direction, at P_S
    T_E   power has arrived: inside the target dead band, or past a share of the step, at P_E
    e     mean of |P − command| in a window after T_E

    speed        |P_E − P_S| / (T_E − T_S); one that leaves and arrives within one step
                 is judged from T_0 and P_0
    response     T_S − T_0

A command smaller than the start dead band asks for nothing and is not judged. Definitions
follow the regional rules as far as known (data/settlement.toml); `command_kernel.py` does the
same inside a run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bihuan.engines.storage.station import Measure


@dataclass
class Answer:
    """One command and what came of it; times in steps from the start of the traces."""

    start_step: int
    command_mw: float
    start_mw: float
    end_step: int = 0
    end_mw: float = 0.0
    leave_step: int = 0  # 0: it never left the dead band
    leave_mw: float = 0.0
    arrive_step: int = 0  # 0: it never arrived
    arrive_mw: float = 0.0
    error_sum_mw: float = 0.0
    error_steps: int = 0

    def watch(self, measure: Measure, power_mw: float, step: int, seconds: float) -> None:
        """Take in the power delivered in the step that ends at `step`."""
        asked_mw = self.command_mw - self.start_mw
        moved_mw = (power_mw - self.start_mw) * (1.0 if asked_mw > 0 else -1.0)
        if not self.leave_step and moved_mw >= measure.start_band_mw:
            self.leave_step, self.leave_mw = step, power_mw
        goal_mw = abs(asked_mw) * measure.speed_share
        if measure.speed_share == 1.0:
            goal_mw -= measure.target_band_mw
        if self.leave_step and not self.arrive_step and moved_mw >= goal_mw:
            self.arrive_step, self.arrive_mw = step, power_mw
        if self.arrive_step:
            settled_s = (step - self.arrive_step) * seconds
            if measure.settle_from_s <= settled_s < measure.settle_to_s:
                self.error_sum_mw += abs(power_mw - self.command_mw)
                self.error_steps += 1


def answers(
    command_mw: Sequence[float],
    delivered_mw: Sequence[float],
    *,
    seconds: float,
    measure: Measure,
    before_mw: float = 0.0,
) -> list[Answer]:
    """The answers in two traces of equal steps; a new value is a new command."""
    if len(command_mw) != len(delivered_mw):
        raise ValueError(f"{len(command_mw)} commands for {len(delivered_mw)} powers")
    found: list[Answer] = []
    for step, (command, power) in enumerate(zip(command_mw, delivered_mw, strict=True), start=1):
        if not found or command != found[-1].command_mw:
            found.append(Answer(step - 1, command, before_mw))
        found[-1].watch(measure, power, step, seconds)
        found[-1].end_step, found[-1].end_mw = step, power
        before_mw = power
    return found
