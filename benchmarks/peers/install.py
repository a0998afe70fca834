"""Make the peers' environment ``.venv-peers`` beside the project's own: ``make peers``.

Standard library only: it runs with any Python from 3.11 on, before anything is installed.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE.parents[1] / ".venv-peers"


def main() -> int:
    """Make the environment and install what requirements.txt names."""
    print(f"installing into {VENV.name} (about a minute, 900 MB) ...")
    venv.create(VENV, with_pip=True, symlinks=os.name != "nt")
    asked = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(HERE / "requirements.txt"))
    return subprocess.run([VENV / "bin" / "python", *asked], check=False).returncode  # noqa: S603 -- our own file


if __name__ == "__main__":
    sys.exit(main())
