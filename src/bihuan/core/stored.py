"""Bytes in the store: there whole, or not there."""

import os
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def put_whole(path: str, content: bytes) -> None:
    """Write content at a path that only ever names these bytes, unless they lie there whole.

    What a process left behind that died while writing is too short, and is replaced.
    """
    if default_storage.exists(path):
        if default_storage.size(path) == len(content):
            return
        default_storage.delete(path)
    saved = default_storage.save(path, ContentFile(content))
    if saved != path:  # another request stored the same bytes meanwhile
        default_storage.delete(saved)
    _force_to_disk(path)


def _force_to_disk(path: str) -> None:
    """Sync the bytes and their name where the store is a local folder."""
    try:
        local = Path(default_storage.path(path))
    except NotImplementedError:
        return
    for place in (local, local.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
