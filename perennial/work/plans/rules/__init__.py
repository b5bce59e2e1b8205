"""Success plans and touchpoints: progress of goals, days of touchpoints, what texts may say."""
