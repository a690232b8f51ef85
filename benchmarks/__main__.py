"""`make bench`: every table, one program after the other, each in a process of its own so that memory starts clean."""

import subprocess
import sys

for name in ("plan", "runs", "pages", "simulator"):
    print(f"\n{name}", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
