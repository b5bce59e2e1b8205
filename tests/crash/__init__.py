"""Kill -9 at random moments, under load: nothing acknowledged is lost, nothing is invented."""
