"""Everything of an OpenDocument spreadsheet but its rows (OpenDocument 1.3, ISO/IEC 26300): the small members of the package.

Fixed pieces are templates; what varies is named in them. Rows stand in content.xml, which is streamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
GENERATOR = "Export Desk"
XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
URN = "urn:oasis:names:tc:opendocument:xmlns:"
NAMESPACES = {
    "office": f"{URN}office:1.0",
    "table": f"{URN}table:1.0",
    "text": f"{URN}text:1.0",
    "style": f"{URN}style:1.0",
    "number": f"{URN}datastyle:1.0",
    "fo": f"{URN}xsl-fo-compatible:1.0",
    "of": f"{URN}of:1.2",
    "ooo": "http://openoffice.org/2004/office",  # of LibreOffice's own settings: it resolves the prefix of their names
    "config": f"{URN}config:1.0",
    "meta": f"{URN}meta:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "manifest": f"{URN}manifest:1.0",
}
MEMBERS = ("content.xml", "styles.xml", "settings.xml", "meta.xml")


def _root(name: str, *prefixes: str) -> str:
    declared = "".join(f' xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in prefixes)
    return f'<office:{name}{declared} office:version="1.3">'


CONTENT = _root("document-content", "office", "table", "text", "style", "number", "fo", "of")
BODY_START, BODY_END = (
    "<office:body><office:spreadsheet>",
    "</office:spreadsheet></office:body></office:document-content>",
)


def content_start(automatic_styles: Iterable[str]) -> bytes:
    styles = "".join(automatic_styles)
    return f"{XML}{CONTENT}<office:automatic-styles>{styles}</office:automatic-styles>{BODY_START}".encode()


def content_end(filters: Sequence[str]) -> bytes:
    """The end of content.xml; `filters` are the addresses of the areas that have filter buttons."""
    ranges = "".join(
        f'<table:database-range table:name="__Anonymous_Sheet_DB__{number}" table:target-range-address={quoteattr(area)} '
        'table:display-filter-buttons="true"/>'
        for number, area in enumerate(filters)
    )
    listed = f"<table:database-ranges>{ranges}</table:database-ranges>" if ranges else ""
    return f"{listed}{BODY_END}".encode()


def column(width: str, cells: str) -> str:
    return f'<table:table-column table:style-name="{width}" table:default-cell-style-name="{cells}"/>'


def styles() -> bytes:
    """styles.xml: the font of all cells (LibreOffice's own), and how a page is printed: landscape, one page wide, numbered."""
    return (
        XML
        + _root("document-styles", "office", "style", "fo", "text", "number")
        + '<office:styles><style:default-style style:family="table-cell">'
        '<style:text-properties fo:font-family="Liberation Sans" style:font-family-generic="swiss" fo:font-size="10pt"/>'
        "</style:default-style>"
        '<style:style style:name="Default" style:family="table-cell"/></office:styles>'
        "<office:automatic-styles>"
        '<style:page-layout style:name="page"><style:page-layout-properties fo:page-width="29.7cm" '
        'fo:page-height="21cm" style:print-orientation="landscape" fo:margin="1.5cm" style:scale-to-X="1" '
        'style:scale-to-Y="0"/><style:footer-style><style:header-footer-properties fo:min-height="0.75cm"/>'
        "</style:footer-style></style:page-layout>"
        '<style:style style:name="center" style:family="paragraph"><style:paragraph-properties fo:text-align="center"/>'
        "</style:style></office:automatic-styles>"
        '<office:master-styles><style:master-page style:name="Default" style:page-layout-name="page">'
        '<style:footer><text:p text:style-name="center"><text:page-number/> / <text:page-count/></text:p></style:footer>'
        "</style:master-page></office:master-styles></office:document-styles>"
    ).encode()


def settings(sheets: Sequence[tuple[str, bool, bool]]) -> bytes:
    """settings.xml: of each sheet (its title, whether its first row stays in view, whether its grid shows)."""
    entries = "".join(_sheet_settings(*sheet) for sheet in sheets)
    return (
        XML
        + _root("document-settings", "office", "config", "ooo")
        + '<office:settings><config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
        + _item("ViewId", "string", "view1")
        + f'<config:config-item-map-named config:name="Tables">{entries}</config:config-item-map-named>'
        + _item("ActiveTable", "string", escape(sheets[0][0]))
        + "</config:config-item-map-entry></config:config-item-map-indexed></config:config-item-set>"
        "</office:settings></office:document-settings>"
    ).encode()


def _sheet_settings(title: str, frozen: bool, grid: bool) -> str:
    items = _item("ShowGrid", "boolean", str(grid).lower())
    if frozen:  # VerticalSplitMode 2: fixed, not a bar to be moved
        items += (
            _item("VerticalSplitMode", "short", "2")
            + _item("VerticalSplitPosition", "int", "1")
            + _item("HorizontalSplitMode", "short", "0")
            + _item("HorizontalSplitPosition", "int", "0")
            + _item("ActiveSplitRange", "short", "2")
            + _item("PositionLeft", "int", "0")
            + _item("PositionRight", "int", "0")
            + _item("PositionTop", "int", "0")
            + _item("PositionBottom", "int", "1")
        )
    return f"<config:config-item-map-entry config:name={quoteattr(title)}>{items}</config:config-item-map-entry>"


def _item(name: str, kind: str, value: str) -> str:
    return f'<config:config-item config:name="{name}" config:type="{kind}">{value}</config:config-item>'


def meta(title: str, now: datetime) -> bytes:
    """meta.xml: who made it, when, what it is called."""
    moment = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    shown = escape("".join(c if c >= " " and c not in "\ufffe\uffff" else " " for c in title))
    return (
        XML
        + _root("document-meta", "office", "meta", "dc")
        + f"<office:meta><meta:generator>{GENERATOR}</meta:generator><dc:title>{shown}</dc:title>"
        f"<meta:initial-creator>{GENERATOR}</meta:initial-creator><meta:creation-date>{moment}</meta:creation-date>"
        f"<dc:date>{moment}</dc:date></office:meta></office:document-meta>"
    ).encode()


def manifest() -> bytes:
    """META-INF/manifest.xml: what is in the package (OpenDocument 1.3 part 2, 4.2)."""
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>'
        for name, kind in (("/", MEDIA_TYPE), *((member, "text/xml") for member in MEMBERS))
    )
    return (
        f'{XML}<manifest:manifest xmlns:manifest="{NAMESPACES["manifest"]}" manifest:version="1.3">'
        f"{entries}</manifest:manifest>"
    ).encode()


def address(title: str) -> str:
    """A sheet's name as addresses quote it (part 3, 9.2.1)."""
    return "'" + title.replace("'", "''") + "'"


def table_start(title: str, columns: Iterable[str]) -> str:
    return f'<table:table table:name={quoteattr(title)} table:style-name="sheet">{"".join(columns)}'
