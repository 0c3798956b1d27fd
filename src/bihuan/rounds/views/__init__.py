"""Pages of rounds and visits."""
