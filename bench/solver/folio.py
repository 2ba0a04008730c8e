"""The solver tool on the gold formulas of FOLIO: does what it says agree with the labels?
Usage: folio.py CAIRN FILE.jsonl… [--limit N]: items with meta.premises_fol, meta.conclusion_fol and answer."""
import argparse
import collections
import concurrent.futures
import json
import subprocess

MEANS = {"True": "entailed", "False": "contradicted", "Uncertain": "unknown"}


def said(program, item):
    meta = item["meta"]
    lines = [line.strip() for line in meta["premises_fol"]] + ["question: " + meta["conclusion_fol"].strip()]
    done = subprocess.run([program, "tool", "solver", "--json", "--seconds", "10"], input="\n".join(lines), capture_output=True, text=True)
    result = json.loads(done.stdout)
    return result["stdout"].strip() if result["status"] == "ok" else result["status"], result["stderr"].strip(), result["seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cairn")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--show", type=int, default=0, help="so many of the complaints")
    arguments = parser.parse_args()
    items = [json.loads(line) for name in arguments.files for line in open(name, encoding="utf-8")]
    items = [item for item in items if item["meta"].get("premises_fol") and item["answer"] in MEANS][: arguments.limit]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda item: said(arguments.cairn, item), items))
    table = collections.Counter((item["answer"], verdict) for item, (verdict, _, _) in zip(items, results))
    verdicts = sorted({verdict for _, verdict in table})
    print(f"| label | {' | '.join(verdicts)} |\n| --- |{' --- |' * len(verdicts)}")
    for label in MEANS:
        print(f"| {label} | {' | '.join(str(table[label, verdict]) for verdict in verdicts)} |")
    decided = [(item["answer"], verdict) for item, (verdict, _, _) in zip(items, results) if verdict in MEANS.values()]
    right = sum(MEANS[label] == verdict for label, verdict in decided)
    seconds = sorted(seconds for _, _, seconds in results)
    print(f"\n{len(items)} items, {len(decided)} decided, {right} as labelled; median {seconds[len(seconds) // 2]:.3f} s a call")
    for item, (verdict, complaint, _) in zip(items, results):
        if verdict == "error" and arguments.show > 0:
            arguments.show -= 1
            print(item["id"], complaint)


main()
