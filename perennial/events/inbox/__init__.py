"""The durable inbox: what the intake has answered for, until the loader has stored it."""
