"""My work and the cockpit."""
