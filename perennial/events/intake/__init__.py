"""From the inbox to the store: items are read, judged, attributed, and written exactly once."""
