"""The engines against their peers: same work, same run, ratios.

Each file in `rows/` is one row: a ROW, and what its subprocesses do. Every measurement
runs in a process of its own, so that time and memory are those of the work alone; peers
run in virtual environments of their own, made on first use under var/peers/.
"""
