import pytest

from core.errors import BadFile

TEXT = "Name,City\nRenée,Besançon\nJürgen,Köln\nZoë,São Paulo\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_with_a_mark_or_in_utf8_is_read_without_a_guess(take, codec):
    taken = take(TEXT.encode(codec))
    assert taken.values("City") == ["Besançon", "Köln", "São Paulo"]
    assert taken.notes == ()


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_known_by_its_zero_bytes(take, codec):
    taken = take(TEXT.encode(codec))
    assert taken.values("Name") == ["Renée", "Jürgen", "Zoë"]
    assert taken.understood.encoding == codec


def test_a_windows_file_is_read_as_such_and_the_guess_is_said(take):
    taken = take(TEXT.encode("cp1252"))
    assert taken.values("Name") == ["Renée", "Jürgen", "Zoë"]
    assert taken.understood.encoding == "cp1252"
    assert "does not say its encoding" in taken.notes[0]


def test_german_with_two_such_letters_in_a_row_is_western_and_not_central_european(take):
    taken = take("Nr;Name;Gebühr\n1;Jürgen Müller;79,50\n2;Zoë Größe;12,00\n".encode("cp1252"))
    assert taken.understood.encoding == "cp1252"
    assert taken.values("Name") == ["Jürgen Müller", "Zoë Größe"]


def test_euro_and_curly_quotes_of_windows_survive(take):
    taken = take("Name,Fee\n“Café”,€ 5\nRenée’s,€ 7\n".encode("cp1252"))
    assert taken.values("Name") == ["“Café”", "Renée’s"]
    assert taken.values("Fee") == ["€ 5", "€ 7"]


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1251", "Имя,Город\nАнна Каренина,Санкт-Петербург\nИван Грозный,Москва\nПётр Великий,Архангельск\n"),
        ("cp932", "名前,都市\n山田太郎さん,東京都新宿区\n鈴木花子さん,大阪府大阪市\n高橋次郎さん,北海道札幌市\n"),
        ("gb18030", "姓名,城市\n王小明先生,北京市朝阳区\n李小红女士,上海市浦东新区\n张三先生,广州市天河区\n"),
    ],
)
def test_other_alphabets_are_recognised(take, codec, text):
    taken = take(text.encode(codec))
    assert [*taken.columns] == text.splitlines()[0].split(",")
    assert "does not say its encoding" in taken.notes[0]


def test_the_person_s_encoding_wins(take):
    taken = take("Name\nŁukasz\n".encode("cp1250"), encoding="cp1250")
    assert taken.values("Name") == ["Łukasz"]


def test_an_unknown_encoding_is_refused_by_name(take):
    with pytest.raises(BadFile, match="klingon"):
        take(TEXT, encoding="klingon")


def test_a_codec_that_is_no_text_encoding_is_refused(take):
    with pytest.raises(BadFile, match="base64"):
        take(TEXT, encoding="base64")


def test_a_few_foreign_bytes_in_a_utf8_file_are_mended_and_counted(take):
    lines = [f"{n},Zoë\n".encode() for n in range(50)] + ["50,Renée\n".encode("cp1252")]
    taken = take(b"Id,Name\n" + b"".join(lines))
    assert taken.values("Name")[-1] == "Renée"
    assert taken.understood.encoding == "utf-8"
    assert "1 byte" in taken.notes[0]


def test_zero_bytes_are_replaced_and_counted(take):
    taken = take(b"Id,Name\n1,a\0b\n2,c\n")
    assert taken.values("Name") == ["a�b", "c"]
    assert any("zero byte" in note for note in taken.notes)


def test_a_foreign_byte_far_down_a_long_file_is_not_missed(take):
    long = b"Id,Name\n" + b"".join(b"%d,plain text\n" % n for n in range(300_000)) + "300000,Renée\n".encode("cp1252")
    taken = take(long)
    assert taken.rows == 300_001
    assert taken.values("Name")[-1] == "Renée"
