"""Pages and sheets of the way in."""
