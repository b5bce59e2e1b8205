"""Pages and sheets of plans and touchpoints."""
