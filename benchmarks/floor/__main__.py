"""Serve the floor as the product is served: python -m benchmarks.floor PORT WORKERS."""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.floor.settings"

import benchmarks.site  # noqa: F401  sets Django up
from bihuan.config.serving import run

if __name__ == "__main__":
    port, workers = map(int, sys.argv[1:])
    application = "benchmarks.floor.site:application"
    run(address="127.0.0.1", port=port, workers=workers, with_worker=False, application=application)
