"""Runs the loopback vendors as a process: prints their environment as one line of JSON, then serves until it is ended.

It ends by SIGTERM, by SIGINT, by `POST /-/quit` at `VIDBUILD_VENDORS_URL`, or when its standard input is closed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import signal
import sys
import threading
from pathlib import Path

from vidbuild.testing.vendors.loopback import Vendors


def main() -> int:
    """Serve."""
    options = argparse.ArgumentParser(prog="python -m vidbuild.testing.vendors", description=__doc__)
    options.add_argument("--folder", type=Path, required=True, help="where ledger and requests are written")
    options.add_argument("--latency-s", type=float, default=0.05, help="how long jobs take, in seconds")
    options.add_argument("--lines", type=int, help="takes are at most so high, whatever is asked for")
    options.add_argument("--max-inflight", type=int, help="jobs at once, of each vendor")
    options.add_argument("--takes", type=Path, help="where takes are kept")
    options.add_argument("--files-elsewhere", action="store_true", help="files lie on a port of their own")
    asked = options.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    vendors = Vendors(
        asked.folder,
        asked.latency_s,
        lines=asked.lines,
        max_inflight=asked.max_inflight,
        takes=asked.takes,
        has_files_elsewhere=asked.files_elsewhere,
    )
    with contextlib.suppress(KeyboardInterrupt, SystemExit), vendors:
        print(json.dumps(vendors.environ), flush=True)
        if not os.isatty(0):
            threading.Thread(target=_ends_with_input, args=(vendors,), daemon=True).start()
        vendors.wait()
    return 0


def _ends_with_input(vendors: Vendors) -> None:
    """Stop when whoever started this is gone: its end of a pipe is closed; other inputs say nothing."""
    import stat

    if stat.S_ISFIFO(os.fstat(0).st_mode):
        while os.read(0, 4096):
            pass
        vendors.stop()


if __name__ == "__main__":
    sys.exit(main())
