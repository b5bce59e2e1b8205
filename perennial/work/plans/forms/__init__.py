"""What the sheets and pages of plans take."""
