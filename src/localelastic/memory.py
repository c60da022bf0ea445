"""How much heap the node gets, and whether the machine has it."""

import os
import re
from pathlib import Path
from typing import Final

from localelastic.errors import LocalElasticError

MIB: Final = 1024 * 1024
USUAL_HEAP: Final = 1024  # MiB
SMALLEST_HEAP: Final = 256  # MiB; below it the node starts but soon fails
OUTSIDE_HEAP: Final = 300  # MiB that the JVM needs besides its heap, measured on an idle node
_SIZE: Final = re.compile(r"(\d+)([mg])", re.IGNORECASE)
_CGROUP_LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def machine_memory() -> int:
    """MiB that this process may use: those of the machine, or of the container if fewer."""
    available = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for limit in _CGROUP_LIMITS:
        if limit.exists() and (text := limit.read_text().strip()).isdigit():
            available = min(available, int(text))
    return available // MIB


def choose_heap(wanted: str | None, memory: int) -> int:
    """MiB of heap for a wanted size such as `512m` or `2g`; without one, what suits a machine with `memory` MiB."""
    if wanted is None:
        return max(SMALLEST_HEAP, min(USUAL_HEAP, memory // 4))
    heap = parse_heap(wanted)
    if heap + OUTSIDE_HEAP > memory:
        raise LocalElasticError(
            f"A heap of {wanted} does not fit: this machine has {memory} MiB of memory for everything.",
            f"Ask for at most {max(SMALLEST_HEAP, memory // 2)}m with --heap, or leave --heap out.",
        )
    return heap


def parse_heap(text: str) -> int:
    """MiB of a size such as `512m` or `2g`; ValueError for anything else or less than the smallest that works."""
    found = _SIZE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a heap size such as 512m or 1g")
    heap = int(found[1]) * (1024 if found[2] in "gG" else 1)
    if heap < SMALLEST_HEAP:
        raise ValueError(f"{text!r} is too small: the node needs {SMALLEST_HEAP}m")
    return heap
