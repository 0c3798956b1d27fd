"""What may happen to a case, and when. Pure: no database, no clock."""
