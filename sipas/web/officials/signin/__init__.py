"""Signing in: the library's account and datastore, our sessions, and the four pages.

Flask-Security hashes passwords, checks one-time codes and binds an account to a session; its own pages are not registered.
"""
