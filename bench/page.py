"""What the benches that write tables into docs share: arguments, JSON lines, the machine's name, a page's marked part."""
import argparse
import json
import platform
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def asked(about, here):
    """The arguments of a bench in the folder `here`, its plan, and the runs of that which are named. A kill ends it in order."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="runs of the plan, by name")
    parser.add_argument("--data", type=Path, help="a folder with data sets")
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache/cairn" / here.name)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--cairn", default=ROOT / "build/cairn")
    parser.add_argument("--tables", action="store_true")
    parser.add_argument("--small", action="store_true")
    arguments = parser.parse_args()
    plan = json.loads((here / ("small.json" if arguments.small else "plan.json")).read_text())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return arguments, plan, named(plan["runs"], arguments.only)


def write_lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text("".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows))
    part.replace(path)


def read_lines(path):
    return [json.loads(line) for line in path.read_text().split("\n") if line]  # a string may hold other ends of lines


def named(runs, names):
    """The runs of a plan that are named in the list `names`; all where there is no list."""
    if not names:
        return runs
    wanted = set(names.split(","))
    unknown = wanted - {run["name"] for run in runs}
    if unknown:
        sys.exit(f"--only: no run is named {', '.join(sorted(unknown))}")
    return [run for run in runs if run["name"] in wanted]


def machine():
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always"], capture_output=True, text=True).stdout.strip()
    return f"{cpu}, commit {commit}, {date.today()}"


def insert(page, mark, text):
    """Replaces what stands on the page between <!-- MARK --> and <!-- MARK ends -->."""
    begin, end = f"<!-- {mark} -->\n", f"<!-- {mark} ends -->"
    before, rest = page.read_text().split(begin)
    page.write_text(before + begin + "\n" + text + "\n\n" + end + rest.split(end)[1])
