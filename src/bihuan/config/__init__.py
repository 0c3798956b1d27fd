"""Settings, URLs and the composition of the whole."""
