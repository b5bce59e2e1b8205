"""What colleagues say to each other beside a customer's things, and the files they keep there."""
