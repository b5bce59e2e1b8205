"""What a playbook says and where a run of it stands: pure, from facts and a day."""
