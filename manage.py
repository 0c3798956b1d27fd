#!/usr/bin/env python3
"""Django's own command line, for those who develop Bihuan."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
    from django.core.management import execute_from_command_line

    import bihuan.config.sqlite  # noqa: F401

    execute_from_command_line(sys.argv)
