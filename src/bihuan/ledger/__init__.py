"""What happened, to what, by whom, when: append-only and tamper-evident."""
