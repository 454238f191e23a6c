"""Five simulated kiosks with a thousand queued answers each, a bad network, and a server killed ten times while they send (REL-8).

    python tests/benchmarks/kiosks.py [--kiosks 5] [--answers 1000] [--kills 10] [--seed 1]

Prints the outcome as JSON and ends with 1 if anything was lost, doubled, let go without the server's word, or missed in the gaps.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from kiosk_fleet import run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, value in (("kiosks", 5), ("answers", 1000), ("kills", 10), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sipas-kiosks-") as folder:
        members, outcome, how = run(Path(folder), **vars(given))
    exact = {member.tablet.code: member.dropped for member in members} == outcome.gaps
    told = asdict(outcome) | {
        "gaps": sum(map(len, outcome.gaps.values())),
        "gaps_exact": exact,
        "waiting": sum(len(m.queue) for m in members),
    }
    print(json.dumps(told | {"seconds": round(how["seconds"], 1), "kills": how["kills"]}, indent=2))
    whole = outcome.counted == given.kiosks * given.answers and outcome.quarantined == given.kiosks and how["kills"] == given.kills
    return 0 if whole and exact and not (outcome.lost or outcome.unexpected or outcome.unsigned or told["waiting"]) else 1


if __name__ == "__main__":
    sys.exit(main())
