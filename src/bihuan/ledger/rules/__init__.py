"""The ledger's arithmetic, pure: bodies, hashes, trees, signed notes, verification."""
