import pytest

from core.errors import BadFile


def test_title_lines_above_the_header_are_left_out_and_said(take):
    taken = take("Sales report\nPrinted 2024-05-01\n\nName,Age,City\nAnn,31,Rome\nBob,25,Oslo\n")
    assert [*taken.columns] == ["Name", "Age", "City"]
    assert taken.rows == 2
    assert taken.understood.header_row == 4
    assert taken.notes == ("2 lines above the table left out.",)


def test_a_title_padded_with_delimiters_is_still_a_title(take):
    assert [*take("Report,,,\n,,,\nName,Age,City,Fee\nAnn,31,Rome,5\n").columns] == ["Name", "Age", "City", "Fee"]


def test_a_file_without_a_header_gets_numbered_columns(take):
    taken = take("1,Ann,2024-01-05\n2,Bob,2024-02-05\n")
    assert [*taken.columns] == ["Column 1", "Column 2", "Column 3"]
    assert taken.rows == 2
    assert "no header row" in taken.notes[0]


def test_years_may_be_headers(take):
    assert [*take("Country,2021,2022\nItaly,5,6\nNorway,7,8\n").columns] == ["Country", "2021", "2022"]


def test_a_table_of_words_has_its_first_row_as_header(take):
    assert [*take("Name,City\nAnn,Rome\nBob,Oslo\n").columns] == ["Name", "City"]


def test_the_header_row_can_be_chosen(take):
    taken = take("a,b\nc,d\ne,f\n", header_row=2)
    assert [*taken.columns] == ["c", "d"]
    assert taken.values("c") == ["e"]


def test_no_header_can_be_chosen(take):
    assert take("Name,Age\nAnn,31\n", header_row=0).rows == 2


def test_a_header_row_that_is_not_there_is_refused(take):
    with pytest.raises(BadFile, match="Line 9"):
        take("a,b\n1,2\n", header_row=9)


def test_blank_and_repeated_headers_get_names_and_are_said(take):
    taken = take("Name,,Name,name,Name (2)\na,b,c,d,e\n")
    names = [*taken.columns]
    assert names[:2] == ["Name", "Column 2"]
    assert len({n.casefold() for n in names}) == 5
    assert names[-1] == "Name (2)"
    assert any("no name" in n for n in taken.notes)
    assert any("several columns are called" in n.casefold() for n in taken.notes)


def test_line_breaks_in_a_header_become_spaces(take):
    assert [*take('"First\nname",Age\nAnn,31\n').columns] == ["First name", "Age"]


def test_empty_columns_without_a_name_and_empty_rows_at_the_end_are_left_out(take):
    taken = take("Name,Age,,\nAnn,31,,\nBob,25,,\n,,,\n,,,\n")
    assert [*taken.columns] == ["Name", "Age"]
    assert taken.rows == 2
    assert any(note.startswith("2 empty columns") for note in taken.notes)
    assert any(note.startswith("2 empty rows") for note in taken.notes)


def test_an_empty_row_in_the_middle_stays(take):
    assert take("Name,Age\nAnn,31\n,\nBob,25\n").values("Name") == ["Ann", None, "Bob"]


def test_a_nameless_column_that_holds_something_stays(take):
    assert take("Name,,City\nAnn,x,Rome\n").kinds == {"Name": "text", "Column 2": "text", "City": "text"}


def test_a_header_alone_is_a_table_without_rows(take):
    taken = take("Name,Age\n")
    assert [*taken.columns] == ["Name", "Age"]
    assert taken.rows == 0


def test_a_thousand_columns_are_read(take):
    names = ",".join(f"n{i}" for i in range(1_000))
    row = ",".join(str(i) for i in range(1_000))
    taken = take(f"{names}\n{row}\n{row}\n")
    assert len(taken.columns) == 1_000
    assert taken.values("n999") == [999, 999]


@pytest.mark.parametrize("data", ["", "\n\n\n", "   \n"])
def test_a_file_without_text_is_refused_with_a_sentence(take, data):
    with pytest.raises(BadFile):
        take(data)
