"""What an administrator does in Setup about who may see what, as verbs of the direct door."""

from localorg.access_administration.permissions import AccessAdministration

__all__ = ["AccessAdministration"]
