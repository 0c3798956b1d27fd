"""Evidence: stored once under its hash, never altered."""
