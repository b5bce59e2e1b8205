"""Pages of playbooks: what they say, their runs, and how customers come into them."""
