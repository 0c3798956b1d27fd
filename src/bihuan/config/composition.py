"""The one place that knows every app: what is on which page, and why."""
