"""What administrators and leaders define: assessment forms, and the catalogue of solutions."""
