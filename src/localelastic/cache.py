"""Where downloaded jars and compiled classes are kept between runs, shared by all data directories of a user."""

import os
from pathlib import Path

from platformdirs import user_cache_path


def cache_directory() -> Path:
    """`LOCALELASTIC_CACHE`, or the usual cache directory of the user."""
    chosen = os.environ.get("LOCALELASTIC_CACHE")
    return Path(chosen).absolute() if chosen else user_cache_path("localelastic")
