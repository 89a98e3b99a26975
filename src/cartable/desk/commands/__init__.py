"""What the desk writes: `exports`."""
