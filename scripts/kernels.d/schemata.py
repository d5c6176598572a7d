"""One C file that holds all its mutants at once: each changed function becomes one copy for each change, and a function of the old
name that picks the copy by a number. Pure: text in, text out."""
import re
from dataclasses import dataclass, field

import mutation

NUMBER = "twprobe_mutant"      # 0: the original
REACHED = "twprobe_reached"    # a byte for each place, set where the marked copy passes
MARKED = 0xFFFFFFFF            # the number of the copy with marks
# A mutated copy must be its own function, whatever the optimiser would rather do: inline it, share it, split it.
COPY = "static __attribute__((noipa)) "
STORAGE = re.compile(r"\b(static|inline|__always_inline|noinline|INDIRECT_CALLABLE_SCOPE)\b\s*")
INLINE = re.compile(r"\b(inline|__always_inline)\b ?")
LABEL = re.compile(r"\s*(case\b.*|default\s*|[A-Za-z_]\w*\s*):\s*$")
# What stands before the brace of an initialiser, or of a type.
NO_CODE = re.compile(r"(?:=|\b(?:struct|union|enum)(?:\s+\w+)?)\s*$")
HEAD = f"""extern unsigned int {NUMBER};
extern unsigned char {REACHED}[];
#define twprobe_mark(place) ({REACHED}[place] = 1)
"""


class Inexpressible(Exception):
    """A function that cannot be copied."""


@dataclass
class Function:
    """A definition in a file: offsets, and its parts as text."""

    name: str
    begin: int        # of its type
    name_at: int
    body: int         # behind its opening brace
    end: int          # behind its closing brace
    arguments: list


@dataclass
class Schemata:
    """`text` compiles in the place of the file. `places`: how many marks; `place_of`: of each mutant, the mark that is passed
    whenever its line is. `first`: of each function, the mark of its entry."""

    text: str
    place_of: dict = field(default_factory=dict)
    first: dict = field(default_factory=dict)
    places: int = 0


def find(text, code, name):
    """The function in `code`, which is `text` masked."""
    body = mutation.body_of(code, name)
    if not body:
        raise Inexpressible(f"{name}: not defined")
    name_at = [match.start() for match in re.finditer(rf"\b{re.escape(name)} ?\(", code) if match.start() < body[0]][-1]
    begin = code.rfind("\n", 0, name_at) + 1
    while begin > 0:
        above = code[code.rfind("\n", 0, begin - 1) + 1:begin - 1]
        if not above.strip() or above[0].isspace() or above.rstrip()[-1] in ";}{):" or text[begin - 2] == "\\":
            break
        begin -= len(above) + 1
    if re.search(r"^\s+static\b", code[body[0]:body[1]], re.M):
        raise Inexpressible(f"{name}: has variables that last, which copies would not share")
    return Function(name, begin, name_at, body[0], body[1] + 2, arguments_of(code, name_at + len(name), name))


def arguments_of(code, at, name):
    """The names of the parameters."""
    opening = code.index("(", at)
    inside, names, depth, word = code[opening + 1:mutation.closing(code, opening)], [], 0, ""
    for character in inside + ",":
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            # A pointer to a function has its name in the middle.
            match = re.search(r"\(\*\s*(\w+)\)\s*\(", word) or re.search(r"(\w+)\s*(?:\[[^]]*\]\s*)*$", word)
            if not match:
                raise Inexpressible(f"{name}: a parameter without a name")
            names.append(match.group(1))
            word = ""
        else:
            word += character
    return [] if names == ["void"] else names


def next_token(code, at):
    return re.compile(r"\s*").match(code, at).end()


def marks_of(code, function):
    """[(where it begins to hold, where its text goes, text with %d for the place)]: the first is the entry. Each statement that begins a line behind
    another's end has one, and so has what an `if` or `else` without braces leads to."""
    begin, end = function.body, function.end - 1
    found = [(begin, begin, " twprobe_mark(%d);")]
    depth = no_code = 0
    for match in re.compile(r"[(){}]|^[ \t]+(?=\S)", re.M).finditer(code, begin, end):
        token = match.group()
        if token in "()":
            depth += 1 if token == "(" else -1
        elif token == "{" and (no_code or NO_CODE.search(code[begin:match.start()])):
            no_code += 1
        elif token == "}" and no_code:
            no_code -= 1
        elif token not in "{}" and depth == 0 and not no_code and begins_statement(code, begin, match.end()):
            found.append((match.end(), match.end(), "twprobe_mark(%d); "))
    found += branch_marks(code, begin, end)
    return [found[0], *sorted(found[1:])]


def begins_statement(code, begin, at):
    before = code[begin - 1:at].rstrip()
    line = before[before.rfind("\n") + 1:]
    if before[-1] not in ";{}:" or (before[-1] == ":" and not LABEL.match(line)):
        return False
    return not (re.compile(r"[{}]|(case|default|else)\b").match(code, at) or LABEL.match(code[at:(code + "\n").index("\n", at)])
                or (before[-1] == "}" and re.compile(r"while\b").match(code, at)))


def branch_marks(code, begin, end):
    for match in re.compile(r"(\belse\s+)?\bif (?=\()").finditer(code, begin, end):
        last = mutation.closing(code, match.end())
        if match.group(1):
            yield match.end(), match.end() + 1, "twprobe_mark(%d) && ("
            yield last, last, ")"
        if code[next_token(code, last + 1)] != "{":
            # Both parts of what is asked, so that the mark is passed only where it holds.
            yield match.end() + 1, match.end() + 1, "("
            yield last, last, ") && twprobe_mark(%d)"
    for match in re.compile(r"\belse\b(?!\s+if\b)(?!\s*\{)").finditer(code, begin, end):
        yield match.end(), match.end(), " if (twprobe_mark(%d))"


def insert(text, insertions):
    """`insertions`: (offset, text), in the order in which texts of one offset stand."""
    parts, position = [], 0
    for offset, added in sorted(insertions, key=lambda one: one[0]):
        parts += [text[position:offset], added]
        position = offset
    return "".join(parts) + text[position:]


def with_marks(text, code, function, first):
    """The function's text with marks from number `first` on, and [(offset, number)] of where they are."""
    places, insertions = [], []
    for holds, at, added in marks_of(code, function):
        if "%d" in added:
            places.append((holds, first + len(places)))
            added %= places[-1][1]
        insertions.append((at - function.begin, added))
    return insert(text[function.begin:function.end], insertions), places


def place_of(code, function, places, offset):
    """The mark that is passed whenever this offset is: the last one before it, which every path to it has passed. Labels, and the
    condition behind a loop's body, are reached in other ways, too: for them the entry stands."""
    line = code[code.rfind("\n", 0, offset) + 1:code.index("\n", offset)]
    if re.match(r"\s*(case|default)\b|\s*\w+\s*:|\s*\}\s*while\b", line):
        return places[0][1]
    return [number for at, number in places if at <= offset][-1]


def copy_of(text, function, name):
    """`text`: the function's, perhaps changed behind its name."""
    head = text[:function.name_at - function.begin]
    return COPY + STORAGE.sub("", head) + name + text[len(head) + len(function.name):] + "\n"


def dispatcher(text, function, numbers):
    head = INLINE.sub("", text[function.begin:function.name_at])
    signature = head + text[function.name_at:function.body - 1].rstrip()
    arguments = ", ".join(function.arguments)
    lines = [f"{signature}\n{{\n\tswitch ({NUMBER}) {{"]
    lines += [f"\tcase {number}: return {function.name}__m{number}({arguments});" for number in numbers]
    lines.append(f"\tcase {MARKED}u: return {function.name}__marked({arguments});")
    return "\n".join(lines) + f"\n\tdefault: return {function.name}__m0({arguments});\n\t}}\n}}\n"


def prototype(text, code, function):
    """Without the notes behind the parameters, which need the definition."""
    closing = mutation.closing(code, code.index("(", function.name_at))
    return INLINE.sub("", text[function.begin:function.name_at]) + text[function.name_at:closing + 1] + ";\n"


def made_of(path, text, mutants, places):
    """The file `path` with these mutants, {number: Mutant}, whose marks count from `places`. A copy of number N is compiled as
    mutant-N.c with the file's line numbers: so the compiler's messages tell whose they are."""
    code, result = mutation.masked(text), Schemata("", places=places)
    pieces, names = [], dict.fromkeys(mutant.function for mutant in mutants.values())
    for function in sorted((find(text, code, name) for name in names), key=lambda one: one.begin):
        own = {number: mutant for number, mutant in mutants.items() if mutant.function == function.name}
        marked, marks = with_marks(text, code, function, result.places)
        result.places += len(marks)
        result.first[function.name] = marks[0][1]
        line = text.count("\n", 0, function.begin) + 1
        copies = [f'#line {line} "mutant-marked.c"\n' + copy_of(marked, function, f"{function.name}__marked"),
                  f'#line {line} "mutant-0.c"\n' + copy_of(text[function.begin:function.end], function, f"{function.name}__m0")]
        for number, mutant in own.items():
            result.place_of[number] = place_of(code, function, marks, mutant.offset)
            changed = mutant.apply(text)[function.begin:function.end + len(mutant.after) - len(mutant.before)]
            copies.append(f'#line {line} "mutant-{number}.c"\n' + copy_of(changed, function, f"{function.name}__m{number}"))
        after = text.count("\n", 0, function.end) + 1
        pieces.append((function, prototype(text, code, function) + "".join(copies) + f'#line {line} "{path}"\n'
                       + dispatcher(text, function, own) + f'#line {after} "{path}"\n'))
    position, out = 0, [HEAD, f'#line 1 "{path}"\n']
    for function, piece in pieces:
        out += [text[position:function.begin], piece]
        position = function.end
    result.text = "".join(out) + text[position:]
    return result


def knobs(places):
    """What one of the files has at its end: the number, and which places were passed since it was set, as files of sysfs."""
    return f"""
#include <linux/moduleparam.h>
unsigned int {NUMBER};
unsigned char {REACHED}[{max(places, 1)}];
static int twprobe_set(const char *text, const struct kernel_param *param)
{{
	memset({REACHED}, 0, sizeof({REACHED}));
	return param_set_uint(text, param);
}}
static int twprobe_get(char *text, const struct kernel_param *param)
{{
	int size = 0, i;

	for (i = 0; i < {places}; i += 4)
		text[size++] = "0123456789abcdef"[{REACHED}[i] << 3 | (i + 1 < {places} && {REACHED}[i + 1]) << 2 |
			(i + 2 < {places} && {REACHED}[i + 2]) << 1 | (i + 3 < {places} && {REACHED}[i + 3])];
	return size;
}}
static const struct kernel_param_ops twprobe_number = {{ .set = twprobe_set, .get = param_get_uint }};
static const struct kernel_param_ops twprobe_places = {{ .get = twprobe_get }};
module_param_cb({NUMBER}, &twprobe_number, &{NUMBER}, 0600);
module_param_cb({REACHED}, &twprobe_places, NULL, 0400);
"""


def places_in(digits):
    """The places that knobs() tells."""
    return {4 * i + bit for i, digit in enumerate(digits) for bit in range(4) if int(digit, 16) & (8 >> bit)}


def without(text, numbers):
    """The text that made_of() made, without the copies of these mutants: where they are asked for, the original answers."""
    for number in numbers:
        text = re.sub(rf'^#line \d+ "mutant-{number}\.c"\n.*?(?=^#line )', "", text, flags=re.S | re.M)
        text = re.sub(rf"^\tcase {number}: return \w+__m{number}\(.*\);\n", "", text, flags=re.M)
    return text


def codes_in(assembly):
    """{name: what the compiler made of this function}, for comparing: without the names that count through the whole file."""
    strings = {name: re.sub(r"mutant-\d+\.c", "", " ".join(lines.split())) for name, lines in
               re.findall(r"^(\.LC\d+):\n((?:\t\.(?:string|ascii|long|quad|zero|value|byte)\b.*\n)+)", assembly, re.M)}
    found = {}
    for match in re.finditer(r"^(\w+__m\d+):\n(.*?)^\t\.size\t\1,", assembly, re.S | re.M):
        labels = {}

        def plain(token):
            name = token.group()
            if name in strings:
                return strings[name]
            return labels.setdefault(name, f"label{len(labels)}") if name.startswith(".L") else re.sub(r"\.\d+$", "", name)
        found[match.group(1)] = re.sub(r"\.L\w+|\b[A-Za-z_]\w*\.\d+\b", plain, match.group(2).replace(match.group(1), "self"))
    return found
