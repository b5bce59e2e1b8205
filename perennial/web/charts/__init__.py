"""Charts as SVG text: drawn on the server, classes instead of styles, readable aloud."""
