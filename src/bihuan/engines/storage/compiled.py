"""Compiles the second-by-second kernels with numba, and keeps the machine code on disk.

Numba notices a change of a function's own file but not of the files it calls, so the
cache lives in a folder named after the text of every kernel file (and `limits.py`, whose
places they use): old machine code is never run with new sources. `BIHUAN_KERNEL_CACHE` chooses another place.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit
from numba.core import config as numba_config

SETTINGS: Any = numba_config
Function = TypeVar("Function", bound=Callable[..., object])


def _digest() -> str:
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in (*sorted(folder.glob("*kernel.py")), folder / "limits.py", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> str:
    base = os.environ.get("BIHUAN_KERNEL_CACHE") or str(Path.home() / ".cache" / "bihuan-kernels")
    return str(Path(base) / _digest())


CACHE_FOLDER = _cache_folder()


def compiled(function: Function) -> Function:
    """The same function as machine code: no Python objects, strict IEEE arithmetic, other threads go on."""
    before = SETTINGS.CACHE_DIR
    SETTINGS.CACHE_DIR = CACHE_FOLDER
    try:
        made = njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # nowhere to write: compile anew in each process
        made = njit(nogil=True, error_model="numpy")(function)
    finally:
        SETTINGS.CACHE_DIR = before
    return cast(Function, made)


def is_kept() -> bool:
    """Whether machine code of these sources is on disk already."""
    return Path(CACHE_FOLDER).is_dir()


def stage(name: str) -> str:
    """The name of a stage, saying so where its kernels have to be compiled first."""
    return name if is_kept() else f"{name} (compiling, once)"
