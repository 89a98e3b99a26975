"""Pages that need all packages: `home`, `search`, `schools`, `directory`."""
