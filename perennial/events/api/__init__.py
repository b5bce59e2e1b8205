"""How events get in over HTTP: a bare ASGI application in front of Django.

Read `application.py` first: it is the road of one request. It touches neither Django nor the
database, so that a slow page cannot lose an event.
"""
