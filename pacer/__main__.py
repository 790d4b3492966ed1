"""Runs the command line as `python -m pacer`."""

import sys

from pacer.cli import main

sys.exit(main())
