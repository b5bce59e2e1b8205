"""Pages of the data sources, what arrives, and what is made of it."""
