"""Background work: run, retry, schedule, never stranded."""
