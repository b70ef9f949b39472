"""One PDF in five scripts, with groups, totals and a logo: its first page becomes the picture in the user guide."""

from __future__ import annotations

import base64
import io
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw

from core.engine.values import Kind
from tests.core.engine.formats.pdf.pdfs import Made, pdf
from tests.core.engine.formats.xlsx.workbooks import column

PICTURE = Path(__file__).parents[5] / "build" / "screenshots" / "pdf-scripts.png"
COLUMNS = [
    column(1, "Language", Kind.TEXT),
    column(2, "Customer", Kind.TEXT),
    column(3, "City", Kind.TEXT),
    column(4, "Note", Kind.TEXT),
    column(5, "Ordered", Kind.DATE, format="dmy_words"),
    column(6, "Items", Kind.WHOLE),
    column(7, "Amount", Kind.DECIMAL, precision=12, scale=2, format="thousands_decimals"),
]
ORDERS = (
    ("Tiếng Việt", "Nguyễn Thị Thu Hà", "Hà Nội", "Giao trước 9 giờ sáng, gọi điện khi đến.", 12, "123.40"),
    ("Tiếng Việt", "Đặng Quốc Cường", "Đà Nẵng", "Hàng dễ vỡ", 49, "915.30"),
    (
        "Русский",
        "Екатерина Щербакова",
        "Санкт-Петербург",
        "Позвоните за час до доставки; подъезд со двора.",
        26,
        "1707.20",
    ),
    ("Русский", "Дмитрий Ёлкин", "Новосибирск", "Оплачено", 3, "2499.10"),
    ("Ελληνικά", "Ευάγγελος Παπαδόπουλος", "Θεσσαλονίκη", "Παράδοση το πρωί, στον δεύτερο όροφο.", 40, "3291.00"),
    (
        "العربية",
        "فاطمة الزهراء بنت محمد",
        "القاهرة",
        "يُرجى الاتصال قبل التسليم، والدفع نقدًا عند الاستلام.",
        54,
        "4874.80",
    ),
    ("العربية", "عبد الرحمن الخطيب", "دمشق", "تم الدفع (رقم 1024)", 31, "5666.70"),
    ("中文 · 日本語 · 한국어", "王小明", "上海市浦东新区", "请在下午三点以后送货，谢谢。", 8, "6458.60"),
    (
        "中文 · 日本語 · 한국어",
        "田中さくら",
        "東京都渋谷区神南",
        "配達の前にお電話をください。ありがとうございます。",
        45,
        "7250.50",
    ),
    ("中文 · 日本語 · 한국어", "김민준", "서울특별시 강남구", "부재 시 경비실에 맡겨 주세요.", 22, "8042.40"),
)


def logo() -> str:
    """A sign of a company that does not exist, on a transparent ground."""
    image = Image.new("RGBA", (720, 240), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 30, 180, 210), 42, fill=(41, 84, 135))
    draw.ellipse((54, 84, 126, 156), fill=(255, 255, 255))
    draw.rounded_rectangle((228, 78, 700, 108), 15, fill=(41, 84, 135))
    draw.rounded_rectangle((228, 138, 540, 168), 15, fill=(150, 170, 195))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def scripts_pdf(folder: Path) -> Made:
    first = date(2026, 10, 3)
    rows = [
        (*texts, first + timedelta(days=n), items, Decimal(amount)) for n, (*texts, items, amount) in enumerate(ORDERS)
    ]
    path = folder / "scripts.pdf"
    return pdf(
        path,
        COLUMNS,
        rows,
        title="Orders around the world",
        group_by="Language",
        totals=True,
        logo=logo(),
        orientation="landscape",
    )


def test_five_scripts_stand_on_one_page_and_every_letter_has_a_shape(tmp_path):
    made = scripts_pdf(tmp_path)
    assert not made.written.notes
    document = pypdfium2.PdfDocument(made.path)
    assert len(document) == 1
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    image = document[0].render(scale=2).to_pil()
    image.save(PICTURE)
    dark = sum(count for value, count in enumerate(image.convert("L").histogram()) if value < 128)
    assert 0.01 < dark / (image.width * image.height) < 0.2  # ink, but not a black page
    assert f"Total {sum(row[4] for row in ORDERS)} {sum(Decimal(row[5]) for row in ORDERS):,}" in made.text


def test_each_script_is_set_in_its_own_typeface(tmp_path):
    fonts = scripts_pdf(tmp_path).reader.pages[0]["/Resources"]["/Font"]
    names = {str(font["/BaseFont"]).partition("+")[2] for font in fonts.values()}
    assert {
        "NotoSans-Regular", "NotoSans-SemiBold", "NotoSansArabic-Regular", "NotoSansArabic-SemiBold",
        "NotoSansCJKsc-Regular", "NotoSansCJKjp-Regular", "NotoSansCJKkr-Regular",
    } == names  # fmt: skip
