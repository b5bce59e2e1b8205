"""From signature to use: who brings a customer in, by which plan, and whether it worked."""
