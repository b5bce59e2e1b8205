"""What people fill in about playbooks: a draft, a start, how a step ended."""
