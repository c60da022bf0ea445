"""What is deployed to an org: code, components, credentials, data sources, certificates; projects that bring it."""

from localorg.deployed.kept import Deployed, load, save
from localorg.deployed.project import Project, read_project

__all__ = ["Deployed", "Project", "load", "read_project", "save"]
