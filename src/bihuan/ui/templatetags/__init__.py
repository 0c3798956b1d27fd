"""The page kit's tags and filters: {% load bihuan %}."""
