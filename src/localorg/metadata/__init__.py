"""Changing the org while it runs, as an administrator does in Setup: fields, objects, picklists, permissions.

Nothing here moves a record's stamps, unless it says so.
"""
