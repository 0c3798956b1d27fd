"""The header of everything looked after, its contact and documents."""
