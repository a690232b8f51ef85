"""`python -m truecount.simulator`: the same flags as `truecount simulate`."""

import argparse
import sys
from pathlib import Path

from truecount.simulator.clock import read_moment
from truecount.simulator.options import START, SimulatorOptions
from truecount.simulator.server import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="truecount.simulator", description="ConnectWise PSA and Sophos Central.")
    parser.add_argument("--connectwise-port", type=int, default=18080)
    parser.add_argument("--connectwise-tls-port", type=int, default=18443)
    parser.add_argument("--sophos-port", type=int, default=18081)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--customers", type=int, default=120)
    parser.add_argument("--agreements", type=int)
    parser.add_argument("--additions", type=int)
    parser.add_argument("--now", type=read_moment, default=START)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--certificates", type=Path)
    try:
        run(SimulatorOptions(**vars(parser.parse_args())))
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
