"""What a user can rely on: one test per promise, under its id."""
