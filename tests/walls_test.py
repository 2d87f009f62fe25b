"""The boundaries between the rooms of src/ are as in ARCHITECTURE.md, and enforced by the compiler.

For each pair of rooms: including a header of the other room compiles exactly if the table of rooms
allows it. No room of gnosis-ocr depends on a decoder, no two rooms depend on each other, and no two give one
name to different types: a program that links both would use the destructor of either for both.
"""
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

SOURCE = pathlib.Path(os.environ["GNOSIS_SOURCE"])
BUILD = pathlib.Path(os.environ["GNOSIS_BUILD"])
OF_THE_SERVICE = "base net session page wire reader languages output task google door apidoc api app".split()


def rooms_of_the_map():
    rows = re.findall(r"^\| `(\w+)/` \|.*\| ([^|]+) \|$", (SOURCE / "ARCHITECTURE.md").read_text(), re.M)
    return {name: set() if uses == "–" else set(uses.split(", ")) for name, uses in rows}


def include_flags():
    """For each room's library: the compiler and its options about folders."""
    flags = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        room = re.match(r"CMakeFiles/(\w+)\.dir/", words[words.index("-o") + 1])
        if room is None or room[1] in flags:
            continue
        kept = [words[0]]
        for i, word in enumerate(words):
            if word == "-isystem":
                kept += words[i : i + 2]
            elif word.startswith(("-I", "-std=")):
                kept.append(word)
        flags[room[1]] = kept
    return flags


def is_found(flags, header):
    probe = f"#if !__has_include({header})\n#error not found\n#endif\n"
    command = [*flags, "-x", "c++", "-fsyntax-only", "-"]
    return subprocess.run(command, input=probe, text=True, capture_output=True).returncode == 0


def a_header_of(room):
    return f'"{room}/{min(path.name for path in (SOURCE / "src" / room).glob("*.h"))}"'


def needs(uses, room, seen=()):
    """The rooms that a room depends on; includes itself only if there is a cycle."""
    reached = set()
    for other in uses[room]:
        reached.add(other)
        if other not in seen:
            reached |= needs(uses, other, (*seen, other))
    return reached


def types_of_two_rooms():
    rooms = {}
    for path in sorted((SOURCE / "src").glob("*/*.h")):
        for name in re.findall(r"^(?:class|struct|enum class) (\w+)[^;\n]*\{", path.read_text(), re.M):
            rooms.setdefault(name, set()).add(path.parent.name)
    assert len(rooms) > 300, f"{len(rooms)} types are too few"
    return [f"{name} is a type of {' and of '.join(sorted(of))}" for name, of in rooms.items() if len(of) > 1]


def main():
    uses = rooms_of_the_map()
    folders = {path.name for path in (SOURCE / "src").iterdir() if path.is_dir()}
    faults = []
    if set(uses) != folders:
        faults.append(f"ARCHITECTURE.md has the rooms {sorted(uses)}, src/ has {sorted(folders)}")
    flags = include_flags()
    checked = 0
    for room in sorted(folders & set(uses)):
        for other in sorted(folders):
            allowed = other == room or other in uses[room]
            if is_found(flags[room], a_header_of(other)) != allowed:
                faults.append(f"{room}/ {'cannot' if allowed else 'can'} include {other}/")
            checked += 1
        if room in needs(uses, room):
            faults.append(f"{room}/ needs itself")
    for room in OF_THE_SERVICE:
        if {"child", "engine"} & needs(uses, room):
            faults.append(f"{room}/ reaches a decoder")
        if is_found(flags[room], "<PDFDoc.h>"):
            faults.append(f"{room}/ can include poppler's headers")
    # An actual undeclared include, as a developer might write it.
    task = subprocess.run([*flags["task"], "-x", "c++", "-fsyntax-only", "-"], text=True, capture_output=True,
                          input='#include "child/document.h"\n')
    if task.returncode == 0 or "child/document.h" not in task.stderr:
        faults.append("task/ compiles with a decoder's header")
    faults += types_of_two_rooms()
    print(*faults, sep="\n")
    print(f"{checked} pairs of rooms, {len(faults)} faults")
    return 1 if faults or checked < 14 * 14 else 0


sys.exit(main())
