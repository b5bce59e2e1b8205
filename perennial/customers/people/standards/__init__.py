"""Grade standards: who is S, A or B by the position, per product; edited by leaders."""
