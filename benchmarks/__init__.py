"""What is measured, and printed as ratios. These are not tests: nothing here fails."""
