"""An invoice as a PDF of one page, without any library; plain text in one of the fonts that every reader has."""

from truecount.simulator.books import Books, Row


def invoice_lines(books: Books, invoice: Row) -> list[str]:
    company = books.target("companies", invoice.get("company") or 0) or {}
    return [
        f"Invoice {invoice.get('invoiceNumber')}",
        f"{company.get('name')}",
        f"Date {str(invoice.get('date'))[:10]}   Due {str(invoice.get('dueDate'))[:10]}",
        f"Total {invoice.get('total', 0.0):.2f}",
    ]


def _shown(text: str) -> bytes:
    plain = text.encode("cp1252", "replace")
    return plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def pdf(lines: list[str]) -> bytes:
    """A4, one line of text below the other."""
    content = b"BT /F1 12 Tf 60 780 Td 18 TL " + b" ".join(b"(%s) Tj T*" % _shown(line) for line in lines) + b" ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    text = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(text))
        text += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(text)
    text += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return text + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
