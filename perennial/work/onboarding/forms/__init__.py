"""What the sheets and the editor of the way in ask."""
