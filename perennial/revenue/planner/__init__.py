"""The planner page (经营测算): inputs, results, pictures."""
