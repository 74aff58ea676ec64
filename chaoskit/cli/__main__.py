"""`python -m chaoskit.cli`: the same as `chaoskit`, for an environment whose scripts are not on the path."""

import sys

from chaoskit.cli.app import main

sys.exit(main())
