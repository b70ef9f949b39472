"""Which words of a screen or a template a person reads, and which of those are not marked for translation.

A literal is read when it stands where Streamlit or our components show it (`help=`, `label=`, the first argument of
`st.caption` …), or when it looks like prose wherever else it stands: it begins with a capital, or is several words.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser

from jinja2 import Environment, nodes

MARKS = frozenset({"_", "N_", "n_"})
# Calls whose first argument is read, by the name they are called by, whoever they belong to (st, a column, layout …).
SHOWS_FIRST = frozenset(
    {"title", "header", "subheader", "caption", "markdown", "text", "error", "info", "success", "warning", "toast", "metric",
     "badge", "button", "link_button", "menu_button", "form_submit_button", "checkbox", "toggle", "radio", "selectbox",
     "multiselect", "text_input", "text_area", "number_input", "date_input", "time_input", "slider", "select_slider", "pills",
     "segmented_control", "file_uploader", "expander", "popover", "spinner", "dialog", "tabs", "word", "close"}
)  # fmt: skip
SHOWN = frozenset(
    {"label", "help", "placeholder", "title", "about", "body", "caption", "captions", "blocked", "alt", "none", "hint", "lead",
     "options", "sentence", "note"}
)  # fmt: skip
# Arguments that are never read, in whatever call they stand.
SILENT = frozenset(
    {"key", "icon", "type", "color", "use", "kind", "bind", "format", "width", "height", "align", "autocomplete", "default",
     "vertical_alignment", "horizontal_alignment", "text_alignment", "label_visibility", "gap", "accept", "html", "css", "js",
     "url_path", "visibility", "border", "alignment", "size", "encoding", "layout", "spellings"}
)  # fmt: skip
SILENT_CALLS = frozenset(
    {"getattr", "setattr", "hasattr", "TypeVar", "ParamSpec", "component", "strftime", "fields_set", "startswith", "endswith",
     "split", "replace", "removesuffix", "removeprefix", "partition", "pop", "compile", "ConfigDict",
     "format_date", "ValueError"}
)  # fmt: skip
# Not words: names of products, file types and protocols.
NOT_WORDS = frozenset(
    {"Export Desk", "SHA-256", "YYYY-MM-DD", "User-Agent", "Zip", "Gzip (.gz)", "Bzip2 (.bz2)", "Zstandard (.zst)", "Zstandard",
     "Edg", "Edge", "Opera", "Firefox", "Chrome", "Safari", "Windows", "Android", "Mac OS", "Mac", "Linux",
     "openid email profile"}
)  # fmt: skip

# What dresses words: icons and colours of Streamlit's Markdown, tags and attributes of HTML, links.
_DRESS = re.compile(
    r":material/\w+:|:(?:gray|small|red|green|orange|blue|primary)(?:-background|-badge)?\[|<[^>]*>?|[\w-]+=['\"]|&\w+;"
)
_STYLE = re.compile(r"[{;]\s*\n|=> [{(]")  # a style sheet or a script
_EXAMPLE = re.compile(r"[\w-]+(?:[.@][\w-]+)+$|[\d.:a-f/\n]+$")  # an address, a path, a network
_WORD = re.compile(r"[^\W\d_]{2,}")
_PROSE = re.compile(r"^\W*[A-Z][a-z’]+(?: |$|[.,:;?!])|[^\W\d_]{2,} [^\W\d_]+ |^\W*[^\W\d_]+ [^\W\d_]{2,}")


@dataclass(frozen=True)
class Literal:
    """One literal a person reads. `whole` for a constant; what stands in an f-string cannot be marked by itself."""

    line: int
    column: int
    text: str
    whole: bool


def unmarked(source: str) -> list[Literal]:
    """The literals of a module that a person reads and nobody can translate, from top to bottom."""
    tree = ast.parse(source)
    return sorted(_Reader().read(tree), key=lambda one: (one.line, one.column))


class _Reader:
    def read(self, node: ast.AST, shown: bool = False) -> Iterator[Literal]:
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in MARKS:
                # what is marked is whole: the slots are filled afterwards, by .format() or by n_
                for keyword in node.keywords:
                    yield from self.read(keyword.value)
            case ast.Call():
                yield from self._call(node)
            case ast.JoinedStr():
                for part in node.values:
                    if isinstance(part, ast.Constant):
                        yield from self._literal(part, shown, whole=False, at=node)
                    elif isinstance(part, ast.FormattedValue):
                        yield from (replace(one, whole=False) for one in self.read(part.value, shown))
            case ast.Constant(value=str()):
                yield from self._literal(node, shown, whole=True, at=node)
            case ast.Compare() | ast.MatchValue() | ast.Subscript(slice=ast.Constant()):
                if isinstance(node, ast.Subscript):
                    yield from self.read(node.value, shown)
            case ast.IfExp():
                yield from self.read(node.test)
                yield from self.read(node.body, shown)
                yield from self.read(node.orelse, shown)
            case ast.BoolOp() | ast.BinOp() | ast.List() | ast.Tuple() | ast.Set() | ast.Starred():
                for child in ast.iter_child_nodes(node):
                    yield from self.read(child, shown)
            case ast.AnnAssign(annotation=_, value=value):
                if value is not None:
                    yield from self.read(value)
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                return
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from self._body(node)
            case _:
                for child in ast.iter_child_nodes(node):
                    yield from self.read(child)

    def _body(self, node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Literal]:
        """Without docstrings and annotations."""
        for decorator in getattr(node, "decorator_list", ()):
            yield from self.read(decorator)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for default in [*node.args.defaults, *node.args.kw_defaults]:
                if default is not None:
                    yield from self.read(default)
        for statement in node.body:
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                yield from self.read(statement)

    def _call(self, node: ast.Call) -> Iterator[Literal]:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        yield from self.read(node.func)
        if name in SILENT_CALLS or ast.unparse(node.func).startswith("_log."):  # a log has readers of its own
            return
        for place, argument in enumerate(node.args):
            yield from self.read(argument, place == 0 and name in SHOWS_FIRST)
        for keyword in node.keywords:
            if keyword.arg not in SILENT:
                yield from self.read(keyword.value, keyword.arg in SHOWN)

    def _literal(self, node: ast.Constant, shown: bool, *, whole: bool, at: ast.expr) -> Iterator[Literal]:
        text = _DRESS.sub(" ", str(node.value)).strip(" \n`'")
        if text in NOT_WORDS or _EXAMPLE.match(text) or _STYLE.search(text) or not _WORD.search(text):
            return
        if shown or _PROSE.search(text):
            yield Literal(at.lineno, at.col_offset, str(node.value), whole)


def unmarked_in(template: str) -> list[str]:
    """The words of a Jinja template, and the literals of its expressions, that a person reads and nobody can translate."""
    environment = Environment()
    markup = _Markup()
    # what stands between its blocks and expressions, which may part a tag in two
    markup.feed("".join(text for _line, kind, text in environment.lex(template) if kind == "data"))
    markup.close()
    tree = environment.parse(template)
    marked = {
        id(text)
        for call in tree.find_all(nodes.Call)
        if getattr(call.node, "name", "") in MARKS
        for text in call.find_all(nodes.Const)
    }
    texts = [n.value for n in tree.find_all(nodes.Const) if isinstance(n.value, str) and id(n) not in marked]
    return markup.words + [text for text in texts if _DRESS.sub(" ", text)[:1].isupper() or _PROSE.search(text)]


class _Markup(HTMLParser):
    """Collects what HTML shows: its text, and what some attributes say."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        text = data.strip(" \n·")
        if _WORD.search(text) and text not in NOT_WORDS:
            self.words.append(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("alt", "aria-label", "placeholder", "title"):
                self.handle_data(value or "")
