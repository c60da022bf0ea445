"""Every error that localelastic raises on purpose.

LocalElasticError
├── PortInUse          the wanted port is taken: another one may do
└── DataNotWritable    the data directory cannot be used as it is
"""

from pathlib import Path


class LocalElasticError(Exception):
    """The node cannot run. `message` is the cause, `hint` the next step."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"


class PortInUse(LocalElasticError):
    """Another program listens on the wanted port."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is in use.", "Choose another one, or 0 for any free port.")


class DataNotWritable(LocalElasticError):
    """The data directory cannot be written."""

    def __init__(self, data: Path, cause: OSError) -> None:
        super().__init__(
            f"{data} cannot be written: {cause.strerror or cause}.",
            "Check its permissions and the free space of its disk, or choose another data directory.",
        )
