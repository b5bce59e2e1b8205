"""What people fill in about health: a draft of a profile, their own score, what they see."""
