"""Assessments (评估), the diagnosis of a stuck customer, and offers that follow from them."""
