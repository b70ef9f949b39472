import pytest

from core.errors import BadFile


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^"])
def test_the_delimiter_is_found(take, delimiter):
    text = "\n".join(delimiter.join(row) for row in (("Name", "Age"), ("Ann, B.", "31"), ("Bob", "25"))) + "\n"
    taken = take(text.replace("Ann, B.", '"Ann, B."'))
    assert taken.understood.delimiter == delimiter
    assert taken.values("Age") == [31, 25]


def test_commas_inside_sentences_do_not_hide_the_semicolon(take):
    taken = take("Note;Price\nred, green, blue;1,5\none, two;2,75\nx;3,25\n")
    assert taken.understood.delimiter == ";"
    assert [str(v) for v in taken.values("Price")] == ["1.50", "2.75", "3.25"]


def test_a_delimiter_of_several_characters_can_be_chosen(take):
    taken = take("a||b\n1||x|y\n2||z\n", delimiter="||")
    assert taken.values("b") == ["x|y", "z"]


def test_excel_s_sep_line_is_obeyed_and_no_row(take):
    taken = take("sep=;\nName;Age\nAnn;31\n")
    assert taken.kinds == {"Name": "text", "Age": "whole"}
    assert taken.rows == 1


def test_quotes_keep_delimiters_line_breaks_and_doubled_quotes(take):
    taken = take('Name,Note\n"Ann, B.","said ""hi""\nand left\r\nlate"\n')
    assert taken.values("Note") == ['said "hi"\nand left\r\nlate']


def test_single_quotes_that_wrap_cells_are_quotes(take):
    taken = take("Name,Note\n'Ann, B.','x'\n'Bob, C.','y'\n")
    assert taken.values("Name") == ["Ann, B.", "Bob, C."]


def test_an_apostrophe_is_no_quote(take):
    assert take("Name,Note\nd'Arc,x\nO'Neill,y\n").values("Name") == ["d'Arc", "O'Neill"]


def test_backslashes_escape_quotes_in_database_dumps(take):
    taken = take('Name,Note\n"5\\" pipe","a \\"b\\" c"\n"x","y"\n')
    assert taken.values("Name") == ['5" pipe', "x"]


def test_a_quote_inside_an_unquoted_cell_is_text(take):
    taken = take('Name,Size\npipe,5" wide\nrod,3" wide\n')
    assert taken.values("Size") == ['5" wide', '3" wide']
    assert taken.problems == []


def test_quotes_can_be_switched_off(take):
    assert take('Name,Note\n"a,b\nc,d\n', quote="").values("Name") == ['"a', "c"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(take, end):
    taken = take(end.join(["Name,Age", "Ann,31", "Bob,25", ""]))
    assert taken.values("Age") == [31, 25]
    assert taken.notes == ()


def test_mixed_line_ends_are_made_alike_but_not_inside_cells(take):
    taken = take('Name,Note\r\n"a\r\nb",1\nc,2\rd,3\n')
    assert taken.values("Name") == ["a\r\nb", "c", "d"]
    assert any("line ends" in note for note in taken.notes)


def test_mixed_line_ends_with_a_quote_never_closed_are_still_read(take):
    taken = take('Name,Size\r\npipe,5"\nrod,3\r\n')
    assert taken.rows + len(taken.problems) == 2


def test_an_empty_cell_is_null_and_a_quoted_empty_one_is_empty_text(take):
    assert take('Name,Note\nAnn,\nBob,""\n').values("Note") == [None, ""]


def test_a_line_end_cannot_be_a_delimiter(take):
    with pytest.raises(BadFile, match="cannot separate"):
        take("a\nb\n", delimiter="\n")


def test_one_column_needs_no_delimiter(take):
    taken = take("Name\nAnn\nBob\n")
    assert taken.values("Name") == ["Ann", "Bob"]
