"""Answer equality: cairn, math-verify and sympy on gold answers written anew (must be equal) and on near misses
(must be different). Prints one table. Usage: compare.py CAIRN DATA_FOLDER [--limit N] [--seed S]
DATA_FOLDER holds math/, gsm8k/ and aqua/ with JSON lines of id, question, answer (docs/answers.md)."""
import argparse
import json
import pathlib
import random
import re
import subprocess
import tempfile
import time

NUMBER = re.compile(r"-?\d+(\.\d+)?")
WHOLE = re.compile(r"-?\d+")
FRACTION = re.compile(r"(-?)\\frac\{(\d+)\}\{(\d+)\}")
PAIR = re.compile(r"\(([^,()]+),\s*([^,()]+)\)")
LIST = re.compile(r"(-?\d+)(,\s*-?(\d{1,2}|\d{4,}))+")  # "15,600" is a number


def whole(gold):
    return int(gold) if WHOLE.fullmatch(gold) else None


def fraction(gold):
    found = FRACTION.fullmatch(gold)
    return (found[1], int(found[2]), int(found[3])) if found else None


def same(change):  # a rewriting of any text
    return lambda gold: change(gold)


def on_whole(change, least=0):
    return lambda gold: change(whole(gold)) if whole(gold) is not None and abs(whole(gold)) >= least else None


def on_fraction(change):
    return lambda gold: change(*fraction(gold)) if fraction(gold) else None


def replaced(old, new):
    return lambda gold: gold.replace(old, new) if old in gold else None


def terminating(sign, top, bottom):
    value = top / bottom
    text = repr(value)
    return sign + text if len(text) < 10 and abs(float(text) * bottom - top) < 1e-12 else None


def mixed(sign, top, bottom):
    return f"{sign}{top // bottom}\\frac{{{top % bottom}}}{{{bottom}}}" if top > bottom and top % bottom and not sign else None


def reordered(gold):
    return ", ".join(reversed([part.strip() for part in gold.split(",")])) if LIST.fullmatch(gold) else None


def sum_turned(gold):
    found = re.fullmatch(r"([\w^{}]+)\s*\+\s*([\w^{}\\]+)", gold)
    return f"{found[2]}+{found[1]}" if found else None


REWRITINGS = {
    "dfrac": replaced("\\frac", "\\dfrac"),
    "tfrac": replaced("\\frac", "\\tfrac"),
    "a/b": on_fraction(lambda s, a, b: f"{s}{a}/{b}"),
    "sign inside": on_fraction(lambda s, a, b: f"\\frac{{-{a}}}{{{b}}}" if s else None),
    "not reduced": on_fraction(lambda s, a, b: f"{s}\\frac{{{3 * a}}}{{{3 * b}}}"),
    "decimal": on_fraction(terminating),
    "mixed number": on_fraction(mixed),
    "left right": lambda g: re.sub(r"(?<!\\left)\(", r"\\left(", re.sub(r"(?<!\\right)\)", r"\\right)", g))
    if "(" in g and "\\left" not in g and "text" not in g and g.count("(") == g.count(")") else None,
    "dollars around": same(lambda g: f"${g}$"),
    "parentheses of LaTeX": same(lambda g: f"\\({g}\\)"),
    "full stop": same(lambda g: g + "."),
    "blanks": same(lambda g: f"  {g} "),
    "x =": on_whole(lambda n: f"x = {n}"),
    ".0": on_whole(lambda n: f"{n}.0"),
    "thousands": on_whole(lambda n: f"{n:,}", 1000),
    "thousands in LaTeX": on_whole(lambda n: f"{n:,}".replace(",", "{,}"), 1000),
    "scientific": on_whole(lambda n: f"{n / 10 ** (len(str(abs(n))) - 1)!r} \\times 10^{{{len(str(abs(n))) - 1}}}", 1000),
    "currency": on_whole(lambda n: f"\\${n}" if n >= 0 else None),
    "unit in text": on_whole(lambda n: f"{n}\\text{{ cm}}"),
    "unit in words": on_whole(lambda n: f"{n} square units"),
    "degrees": replaced("^\\circ", ""),
    "as sum": on_whole(lambda n: f"{n - 2} + 2"),
    "as root": on_whole(lambda n: f"\\sqrt{{{n * n}}}" if n > 0 else None),
    "order of a list": reordered,
    "sum turned": sum_turned,
    "percent sign": replaced("\\%", "%"),
    "text mark": lambda g: f"\\text{{{g}}}" if re.fullmatch(r"[A-Za-z]{3,}", g) else None,
    "minus of Unicode": replaced("-", "\u2212"),
    "root of Unicode": lambda g: re.sub(r"\\sqrt\{(\d+)\}", "\u221a{\\1}", g) if re.search(r"\\sqrt\{\d+\}", g) else None,
    "pi of Unicode": lambda g: g.replace("\\pi", "\u03c0") if g.endswith("\\pi") else None,
    "blanks at commas": lambda g: g.replace(",", " , ") if PAIR.fullmatch(g) else None,
}


def swapped_pair(gold):
    found = PAIR.fullmatch(gold)
    return f"({found[2]}, {found[1]})" if found and found[1].strip() != found[2].strip() else None


def digits_turned(gold):
    text = gold.lstrip("-")
    return ("-" if gold.startswith("-") else "") + text[::-1] if whole(gold) is not None and text != text[::-1] else None


NEAR_MISSES = {
    "plus one": on_whole(lambda n: str(n + 1)),
    "minus one": on_whole(lambda n: str(n - 1)),
    "negated": lambda g: ("-" + g if not g.startswith("-") else g[1:]) if (whole(g) or fraction(g)) else None,
    "ten times": on_whole(lambda n: f"{n}0" if n else None),
    "a tenth": on_whole(lambda n: repr(n / 10) if n else None),
    "digits turned": digits_turned,
    "decimals added": on_whole(lambda n: f"{n}.5"),
    "nearly": on_whole(lambda n: f"{n}.001" if abs(n) < 1000 else None),
    "upside down": on_fraction(lambda s, a, b: f"{s}\\frac{{{b}}}{{{a}}}" if a != b and a else None),
    "numerator": on_fraction(lambda s, a, b: f"{s}\\frac{{{a + 1}}}{{{b}}}"),
    "denominator": on_fraction(lambda s, a, b: f"{s}\\frac{{{a}}}{{{b + 1}}}" if a else None),
    "rounded": on_fraction(lambda s, a, b: f"{s}{a / b:.2f}" if abs(round(a / b, 2) - a / b) > 1e-4 else None),
    "pair turned": swapped_pair,
    "first of a pair": lambda g: PAIR.fullmatch(g)[1] if PAIR.fullmatch(g) else None,
    "closed end opened": lambda g: g.replace("[", "(", 1) if re.fullmatch(r"\[[^\[\]()]*,[^\[\]()]*[\])]", g) else None,
    "open end closed": lambda g: g[:-1] + "]" if re.fullmatch(r"\[[^\[\]()]*,[^\[\]()]*\)", g) and "infty)" not in g else None,
    "one of a list": lambda g: g.rsplit(",", 1)[0] if LIST.fullmatch(g) else None,
    "more than the list": lambda g: g + ", 99991" if LIST.fullmatch(g) else None,
    "without root": lambda g: re.sub(r"\\sqrt\{(\d+)\}", r"\1", g) if re.search(r"\\sqrt\{[^014]\d*\}", g) else None,
    "other power": lambda g: g.replace("^2", "^3") if "x^2" in g and "=" not in g else None,
    "other variable": lambda g: g.replace("x", "y") if re.search(r"\dx|x\^", g) and "y" not in g and "\\" not in g and "=" not in g else None,
    "other sign": lambda g: g.replace("+", "-", 1) if "+" in g and "=" not in g else None,
    "pi as 3.14": lambda g: g.replace("\\pi", "\\cdot 3.14") if re.match(r"\d+\\pi$", g) else None,
    "without pi": lambda g: g.replace("\\pi", "") if re.match(r"\d+\\pi$", g) else None,
    "a hundredth of a percent": lambda g: g.replace("\\%", "0\\%") if re.match(r"\d+\\%$", g) else None,
    "letters turned": lambda g: g[::-1] if re.fullmatch(r"[A-Za-z]{3,}", g) and g != g[::-1] else None,
    "no infinity": lambda g: g.replace("\\infty", "100") if "\\infty" in g else None,
}


def golds(folder, limit, seed):
    found = []
    for name in ("math", "gsm8k", "aqua"):
        for path in sorted((folder / name).glob("*.jsonl")):
            for line in filter(None, path.read_text(encoding="utf-8").split("\n")):
                item = json.loads(line)
                answer = item["answer"]
                if isinstance(answer, str) and answer.strip():
                    found.append(answer.strip())
    unique = sorted(set(found))
    random.Random(seed).shuffle(unique)
    return unique[:limit] if limit else unique


def pairs_of(answers):
    pairs = []
    for gold in answers:
        for equal, changes in ((True, REWRITINGS), (False, NEAR_MISSES)):
            for name, change in changes.items():
                text = change(gold)
                if text is not None and (equal or text != gold):
                    pairs.append((equal, name, text, gold))
    return pairs


def by_cairn(program, pairs):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for _, _, text, gold in pairs:
            file.write(json.dumps({"answer": text, "gold": gold, "type": "math"}) + "\n")
        file.flush()
        start = time.perf_counter()
        done = subprocess.run([program, "check", "--file", file.name, "--json"], capture_output=True, text=True, check=True)
        seconds = time.perf_counter() - start
    return [json.loads(line)["verdict"] == "equal" for line in done.stdout.split("\n") if line], seconds


def by_math_verify(pairs):
    from math_verify import parse, verify
    start = time.perf_counter()
    said = [verify(parse(f"\\boxed{{{gold}}}"), parse(f"\\boxed{{{text}}}")) for _, _, text, gold in pairs]
    return said, time.perf_counter() - start


def by_sympy(pairs):
    import sympy
    from latex2sympy2_extended import latex2sympy

    def equal(text, gold):
        if text.strip() == gold.strip():
            return True
        try:
            difference = latex2sympy(text) - latex2sympy(gold)
            return sympy.simplify(difference) == 0
        except Exception:
            return False

    start = time.perf_counter()
    return [equal(text, gold) for _, _, text, gold in pairs], time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cairn")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--limit", type=int, default=400, help="different gold answers; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="so many of cairn's mistakes of each kind")
    parser.add_argument("--only-cairn", action="store_true")
    arguments = parser.parse_args()
    pairs = pairs_of(golds(arguments.data, arguments.limit, arguments.seed))
    kinds = {(equal, name) for equal, name, _, _ in pairs}
    rewritten = sum(equal for equal, *_ in pairs)
    print(f"{rewritten} rewritings of {len([k for k in kinds if k[0]])} kinds, "
          f"{len(pairs) - rewritten} near misses of {len([k for k in kinds if not k[0]])} kinds\n")
    print("| checker | false different | false equal | ms a pair |\n| --- | --- | --- | --- |")
    checkers = {"cairn check --type math": lambda: by_cairn(arguments.cairn, pairs)}
    if not arguments.only_cairn:
        checkers |= {"math-verify": lambda: by_math_verify(pairs), "sympy": lambda: by_sympy(pairs)}
    for name, run in checkers.items():
        said, seconds = run()
        missed = [pair for pair, equal in zip(pairs, said) if pair[0] and not equal]
        fooled = [pair for pair, equal in zip(pairs, said) if not pair[0] and equal]
        print(f"| {name} | {len(missed)} of {rewritten} | {len(fooled)} of {len(pairs) - rewritten} | {1000 * seconds / len(pairs):.4f} |", flush=True)
        if name.startswith("cairn"):
            for mistake in missed[: arguments.show] + fooled[: arguments.show]:
                print("   ", mistake)


main()
