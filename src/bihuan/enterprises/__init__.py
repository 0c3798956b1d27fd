"""The register of enterprises everyone shares."""
