"""Pages and acts of calls to action: one key, sheets, the list, many at once."""
