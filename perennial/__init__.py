"""Perennial (常青): the open-source, self-hosted SaaS operations system."""

__version__ = "0.1.0"
