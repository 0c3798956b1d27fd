"""Pure computation: storage, green park, matching, path, routing. No Django."""
