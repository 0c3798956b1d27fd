"""Judging the answer to each command, in machine code; `commands.py` explains it."""

import numpy as np

from bihuan.engines.storage.compiled import compiled
from bihuan.engines.storage.kernel import Floats

# the columns of the answers, as in commands.Answer
ANSWER_COLUMNS = (
    "start_step",
    "command_mw",
    "start_mw",
    "end_step",
    "end_mw",
    "leave_step",
    "leave_mw",
    "arrive_step",
    "arrive_mw",
    "error_sum_mw",
    "error_steps",
)
(
    START_STEP,
    COMMAND_MW,
    START_MW,
    END_STEP,
    END_MW,
    LEAVE_STEP,
    LEAVE_MW,
    ARRIVE_STEP,
    ARRIVE_MW,
    ERROR_SUM_MW,
    ERROR_STEPS,
) = range(11)


@compiled
def begin(answer: Floats, command_mw: float, power_mw: float, step: int) -> None:
    """A new command."""
    answer[:] = 0.0
    answer[START_STEP], answer[COMMAND_MW], answer[START_MW] = step, command_mw, power_mw


@compiled
def watch(
    answer: Floats, measure: tuple[float, float, float, float, float], power_mw: float, step: int
) -> None:
    """`Answer.watch`; the window of the measure is in steps here."""
    asked_mw = answer[COMMAND_MW] - answer[START_MW]
    moved_mw = power_mw - answer[START_MW] if asked_mw > 0.0 else answer[START_MW] - power_mw
    if answer[LEAVE_STEP] == 0.0:
        if moved_mw < measure[0]:
            return
        answer[LEAVE_STEP], answer[LEAVE_MW] = step, power_mw
    if answer[ARRIVE_STEP] == 0.0:
        goal_mw = abs(asked_mw) * measure[2]
        if measure[2] == 1.0:
            goal_mw -= measure[1]
        if moved_mw < goal_mw:
            return
        answer[ARRIVE_STEP], answer[ARRIVE_MW] = step, power_mw
    settled = step - answer[ARRIVE_STEP]
    if measure[3] <= settled < measure[4]:
        answer[ERROR_SUM_MW] += abs(power_mw - answer[COMMAND_MW])
        answer[ERROR_STEPS] += 1.0


@compiled
def end(answer: Floats, answers: Floats, count: int, step: int, power_mw: float) -> int:
    """Keep the answer to a command that has lasted at least one step; the count after it."""
    if step == answer[START_STEP]:
        return count
    answer[END_STEP], answer[END_MW] = step, power_mw
    answers[count, :] = answer
    return count + 1


def room_for(steps: int, command_steps: int, steps_each: int) -> Floats:
    """Lines for as many commands as can be: a new one at each hold and each period."""
    return np.zeros((steps // command_steps + steps // steps_each + 3, len(ANSWER_COLUMNS)))
