"""What the benches that write tables into docs share: JSON lines, data sets, the machine's name, a page's marked part."""
import json
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def write_lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
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
