"""Setting a zone up without a shell."""
