#!/usr/bin/env python3
"""Holds docs/records.md against docs/schema and against what twprobe prints: records.py check|write VALIDATE FOLDER

Each section of the page has a command and examples of its records. `check` runs the commands, and prints "ok - NAME" or
"not ok - NAME" for each; `write` puts the records of a fresh run into the page instead. FOLDER is for files that go again.
"""
import json
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path("docs/records.md")
SCHEMAS = pathlib.Path("docs/schema")
EXAMPLE = re.compile(r"```json\n(.*?)```\n", re.S)
COMMAND = re.compile(r"^\$ (twprobe .*)$", re.M)
# Objects whose keys depend on the kernel, or on what is compared.
# What twprobe reads, and so no command prints.
READ = {"note"}
OPEN = {"counters", "values", "sysctls", "fields"}


def pretty(value, depth=0):
    """As many lines as it needs, none longer than the page."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + 2 * depth < 116 or not value or not isinstance(value, (dict, list)):
        return flat
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + pretty(v, depth + 1) for v in value) + f"\n{outer}]"
    lines, line = [], ""
    for key, member in value.items():
        item = f"{json.dumps(key)}: {pretty(member, depth + 1)}"
        if line and ("\n" in item or "\n" in line or len(line) + len(item) + 2 * depth > 110):
            lines, line = lines + [line], ""
        line += (", " if line else "") + item
    return "{\n" + ",\n".join(inner + part for part in lines + [line]) + f"\n{outer}}}"


def shorter(value):
    """Of a long list, the first ones: an example is read by people."""
    if isinstance(value, list):
        return [shorter(v) for v in value[:3]]
    return {k: shorter(v) for k, v in value.items()} if isinstance(value, dict) else value


def run(command, seen={}):
    """Each once. An interface is one of a namespace of its own."""
    if command not in seen:
        line = f"ip link set lo up && exec {command}"
        words = ["unshare", "-n", "sh", "-c", line] if " -i " in command else ["sh", "-c", command]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False)
        seen[command] = [json.loads(record) for record in done.stdout.splitlines()]
    return seen[command]


def same_shape(a, b, key=""):
    """The first place where they are not of one shape; None. Null is of every shape."""
    if a is None or b is None:
        return None
    if isinstance(a, dict) and isinstance(b, dict):
        if key not in OPEN and list(a) != list(b):
            return f"{key}: {' '.join(a)} / {' '.join(b)}"
        return next((wrong for k in a if k in b and (wrong := same_shape(a[k], b[k], k))), None)
    if isinstance(a, list) and isinstance(b, list):
        return same_shape(a[0], b[0], key) if a and b else None
    number = (int, float)
    alike = type(a) is type(b) or (isinstance(a, number) and isinstance(b, number) and bool not in (type(a), type(b)))
    return None if alike else f"{key}: {a} / {b}"


def sections():
    """(command, examples as text), in the order of the page; the examples of a command follow it."""
    text = PAGE.read_text(encoding="utf-8")
    commands = list(COMMAND.finditer(text))
    for i, match in enumerate(commands):
        end = commands[i + 1].start() if i + 1 < len(commands) else len(text)
        yield match.group(1), EXAMPLE.findall(text[match.end():end])


def write():
    text = PAGE.read_text(encoding="utf-8")
    for command, examples in sections():
        at = text.index(f"$ {command}\n")
        for old in examples:
            wanted = json.loads(old)["record"]
            if wanted in READ:
                continue
            new = next((r for r in run(command) if r["record"] == wanted), None)
            if new is None:
                sys.exit(f"{command} prints no {wanted}: {[r['record'] for r in run(command)]}")
            place = text.index(old, at)
            new = pretty(shorter(new)) + "\n"
            text = text[:place] + new + text[place + len(old):]
            at = place + len(new)
    PAGE.write_text(text, encoding="utf-8")


def told(name, wrong):
    print(f"ok - {name}" if not wrong else f"not ok - {name}: {wrong}", flush=True)


def second_opinion(streams):
    """The same by the validator that others use; it also knows what a schema is."""
    try:
        import jsonschema
        from referencing import Registry, Resource
    except ImportError:
        print("# without a second opinion: python3-jsonschema is not installed")
        return
    schemas = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}
    registry = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in schemas.items())
    wrong = []
    for name, schema in schemas.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        if "oneOf" not in schema:
            continue
        validator = jsonschema.Draft202012Validator({"$ref": name}, registry=registry)
        first = schema["oneOf"][0]["$ref"].split("/")[-1]
        for stream in streams:
            if stream[0]["record"] == first and ("scenarios" in stream[0]) == (name == "scenarios.json"):
                wrong += [f"{name}: {e.message[:200]}" for record in stream for e in validator.iter_errors(record)]
                broken = dict(stream[0], unheard_of=1)
                wrong += [] if list(validator.iter_errors(broken)) else [f"{name} takes a key that it does not know"]
    told("python3-jsonschema says the same of them", "; ".join(wrong))


def check(validate, folder):
    shown, streams = set(), []
    for command, examples in sections():
        records = [json.loads(text) for text in examples]
        read, records = [r for r in records if r["record"] in READ], [r for r in records if r["record"] not in READ]
        shown |= {(r["record"], False, r["record"]) for r in read}
        fresh = run(command)
        for record in records:
            kind = record["record"]
            candidates = [r for r in fresh if r["record"] == kind]
            wrong = [same_shape(record, r) for r in candidates]
            told(f"{command}: prints such a {kind}", (wrong or ["it prints none"])[0] if not wrong or all(wrong) else None)
            shown.add((fresh[0]["record"], "scenarios" in fresh[0], kind))
        if records and "format_version" not in records[0]:
            records.insert(0, fresh[0])
        for name, stream in (("examples", records), ("output", fresh), *[("examples of what is read", read)] * bool(read)):
            path = pathlib.Path(folder) / "stream.ndjson"
            path.write_text("".join(json.dumps(r) + "\n" for r in stream), encoding="utf-8")
            done = subprocess.run([validate, SCHEMAS, path], capture_output=True, text=True, check=False)
            told(f"{command}: its {name} are as the schema says", done.stdout + done.stderr if done.returncode else None)
        streams += [records, *[read] * bool(read)]
    for path in sorted(SCHEMAS.glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        kinds = [one["$ref"].split("/")[-1] for one in schema.get("oneOf", [])]
        missing = [k for k in kinds if (kinds[0], path.name == "scenarios.json", k) not in shown]
        told(f"{path.name}: the page has an example of each record", " ".join(missing))
    second_opinion(streams)


if sys.argv[1] == "write":
    write()
else:
    check(*sys.argv[2:])
