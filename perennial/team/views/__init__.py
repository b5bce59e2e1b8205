"""Pages of the team: session (in and out), profile (oneself), users (for administrators)."""
