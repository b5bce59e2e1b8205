"""What the revenue pages draw: figures as cards, rows, bars and curves."""
