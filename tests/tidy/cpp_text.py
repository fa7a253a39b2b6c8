"""A small reader of C++ text: enough to find functions and statements, without a compiler."""
import re

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\\ ]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-zA-Z_])\'(?:\\.|[^\'\\\n])+\'', re.S)
_KEYWORDS = ("if", "for", "while", "switch", "catch", "return", "sizeof", "alignas", "decltype", "requires", "noexcept", "operator")
_CONTAINER = re.compile(
    r"^\s*(template\s*<.*>\s*)?((inline|export)\s+)*(namespace|class|struct|union|enum|extern)\b", re.S)
_LEAD = re.compile(r"(\s*(public|private|protected)\s*:(?!:))*\s*")
_NOT_AN_EXPRESSION = ("else", "do", "try", "const", "noexcept", "override", "final", "mutable")


def blank(text):
    """Comments and the inside of literals become spaces; lines and columns stay. Preprocessor lines keep their text."""
    def cover(found):
        old = found.group(0)
        if old[0] in "\"'":
            return old[0] + re.sub(r"[^\n]", " ", old[1:-1]) + old[-1]
        return re.sub(r"[^\n]", " ", old)
    return _TOKEN.sub(cover, text)


def _without_preprocessor(bare):
    out = []
    going_on = False
    for line in bare.split("\n"):
        going_on = (going_on and True) or line.lstrip().startswith("#")
        out.append("" if going_on else line)
        going_on = going_on and line.endswith("\\")
    return "\n".join(out)


def functions(bare):
    """Yields (name, first line, number of lines) of every function body outside other functions."""
    text = _without_preprocessor(bare)
    head_from = 0
    stack = []  # per open brace: None for containers, (name, line) for functions, "" for anything else
    inside = 0  # open braces that are a function or something inside one
    for at in (m.start() for m in re.finditer(r"[{};]", text)):
        char = text[at]
        if char == "{":
            if inside:
                stack.append("")
                inside += 1
            else:
                kind = _kind(text[head_from:at])
                if kind is None:
                    stack.append(None)
                else:
                    lead = _LEAD.match(text[head_from:at]).end()
                    stack.append((kind, text.count("\n", 0, head_from + lead) + 1))
                    inside += 1
        elif char == "}" and stack:
            top = stack.pop()
            if top is not None:
                inside -= 1
                if isinstance(top, tuple) and top[0]:
                    yield top[0], top[1], text.count("\n", 0, at) + 1 - top[1] + 1
        if not inside:
            head_from = at + 1


def _kind(head):
    """None for a namespace, class or enum; the name of a function; "" for an initializer."""
    head = re.sub(r"^\s*(public|private|protected)\s*:(?!:)", "", head)
    plain = re.sub(r"\[\[.*?\]\]", "", head)
    if _CONTAINER.match(plain) and not re.search(r"\)\s*(const|noexcept|override|final|\s)*$", plain):
        return None
    found = re.search(r"((?:operator\s*\S+?|[\w~]+))\s*\(", plain)
    while found and found.group(1) in _KEYWORDS[:-1] + ("DMLIB_DECL",):
        found = re.compile(r"((?:operator\s*\S+?|[\w~]+))\s*\(").search(plain, found.end())
    if not found or re.search(r"=\s*$", plain) and "operator" not in plain:
        return ""
    return re.sub(r"\s+", "", found.group(1))


def temporaries_beside_co_await(bare):
    """Yields (line, what) for braces and capturing lambdas inside expressions with co_await."""
    text = _without_preprocessor(bare)
    seen = set()
    for found in re.finditer(r"\bco_await\b", text):
        start = found.start()
        while start > 0 and text[start - 1] not in ";{}":
            start -= 1
        what = _opened_by_expression(text, start)
        if not what:
            what = _scan_statement(text, start)
        line = text.count("\n", 0, found.start()) + 1
        if what and line not in seen:
            seen.add(line)
            yield line, what


def _opened_by_expression(text, start):
    """The brace before the statement may belong to an expression: `T{co_await x}`, `f(T{1}, co_await x)`."""
    if start == 0:
        return None
    before = text[:start - 1].rstrip()
    if text[start - 1] == "{":
        word = re.search(r"[\w>]+$", before)
        if before.endswith(("=", ",", "(")) or word and word.group(0) not in _NOT_AN_EXPRESSION and not _opens_a_block(before):
            return "a braced temporary"
    if text[start - 1] == "}" and re.match(r"\s*[,)]", text[start:]):
        return "a braced temporary"
    return None


def _opens_a_block(before):
    """`namespace x {`, `struct x {`, `-> type {` after a parameter list, `case x: {`."""
    tail = before[max(before.rfind(";"), before.rfind("{"), before.rfind("}")) + 1:]
    return bool(re.search(r"->\s*[\w:<>,\s*&]+$", tail) or re.match(r"\s*(inline\s+)?(namespace|struct|class|union|enum)\b", tail))


def _scan_statement(text, start):
    depth = 0
    at = start
    while at < len(text):
        char = text[at]
        if char in "([":
            if char == "[" and _is_lambda(text, at):
                close = text.find("]", at)
                if text[at + 1:close].strip():
                    return "a capturing lambda"
                at = _end_of_body(text, close)
                continue
            depth += 1
        elif char in ")]":
            depth -= 1
            if depth < 0:
                return None
        elif char == "{":
            if depth > 0:
                return "a braced temporary"
            before = text[start:at].rstrip()
            word = re.search(r"[\w>]+$", before)
            if word and word.group(0) not in _NOT_AN_EXPRESSION and "co_await" in before:
                return "a braced temporary"
            return None
        elif char == ";" and depth == 0 or char == "}":
            return None
        at += 1
    return None


def _is_lambda(text, at):
    before = text[:at].rstrip()
    if not before or re.search(r"[\w\])]$", before) and not re.search(r"\b(return|co_return|co_await|co_yield)$", before):
        return False
    return re.match(r"\[[^\]]*\]\s*(\(|\{|mutable|<)", text[at:]) is not None


def _end_of_body(text, at):
    """Position behind the body of the lambda whose capture list ends at `at`."""
    open_at = text.find("{", at)
    if open_at < 0:
        return len(text)
    depth = 0
    for i in range(open_at, len(text)):
        if text[i] == "{":
            depth += 1
        elif text[i] == "}":
            depth -= 1
            if depth == 0:
                return i + 1
    return len(text)
