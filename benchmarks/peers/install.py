"""Make the peers' environments beside the project's own: ``make peers``.

Two of them, because their packages ask for different versions of the same ones: ``.venv-peers`` for bills, and within
it ``.venv-peers/emhass`` for schedules (EMHASS asks for numpy < 2.3 and cvxpy < 1.8).

Standard library only: it runs with any Python from 3.11 on, before anything is installed; EMHASS asks for < 3.13.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE.parents[1] / ".venv-peers"
ENVIRONMENTS = ((VENV, "requirements.txt", "900 MB"), (VENV / "emhass", "requirements-emhass.txt", "1.1 GB"))
EMHASS_BEFORE = (3, 13)


def main() -> int:
    """Make each environment and install what its requirements file names; the first failure's code is the answer's."""
    for where, requirements, size in ENVIRONMENTS:
        if where != VENV and sys.version_info[:2] >= EMHASS_BEFORE:
            print(f"EMHASS is left out: it needs Python 3.12 or older, {sys.executable} is newer")
            continue
        print(f"installing into {where.relative_to(VENV.parent)} (about a minute, {size}) ...", flush=True)
        code = installed(where, requirements)
        if code:
            return code
    return 0


def installed(where: Path, requirements: str) -> int:
    """Make one environment and give pip's code."""
    venv.create(where, with_pip=True, symlinks=os.name != "nt")
    asked = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(HERE / requirements))
    return subprocess.run([where / "bin" / "python", *asked], check=False).returncode  # noqa: S603 -- our own file


if __name__ == "__main__":
    sys.exit(main())
