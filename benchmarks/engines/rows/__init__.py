"""One row of the table for each file. A row's name is its file's name."""
