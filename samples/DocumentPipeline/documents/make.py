#!/usr/bin/env python3
"""Makes the sample documents in this folder: python3 make.py

Everything in them is invented. Only the standard library is used, and the same files come out every time, so that a change of this
script shows in the diff as what it is.
"""
import hashlib
import random
import zipfile
import zlib
from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).parent
PARTIES = ["Northwind Maritime Ltd", "Aldermoor Storage GmbH", "Kestrel Bay Holdings", "Tessaly Freight SA"]
ROLES = ["the Supplier", "the Customer", "the Carrier", "the Escrow Agent", "the Guarantor", "each Party", "the Licensee", "the Operator"]
DUTIES = [
    "shall keep complete and accurate records of", "shall indemnify and hold harmless the other Party against any loss arising from",
    "may, with the prior written consent of the other Party, assign", "shall not, without reasonable cause, delay or withhold",
    "warrants that it holds all permits that are needed for", "shall notify the other Party without undue delay of any change to",
    "remains liable, notwithstanding any subcontract, for", "is entitled to suspend, after a notice of fourteen days,",
    "shall maintain insurance that covers", "acknowledges that nothing in this Agreement transfers title to",
]
OBJECTS = [
    "the goods held at the Terminal", "the Confidential Information", "the deliverables listed in Schedule 2", "the services described in Annex B",
    "any amount that is due and not disputed", "the personal data processed on its behalf", "the berthing slots allotted for the season",
    "the software and its documentation", "the bills of lading issued under it", "the deposit held in escrow", "the cold storage rooms",
]
LIMITS = [
    "for a period of {n} months after the end of the Term", "up to an amount of EUR {n}0,000 in each contract year",
    "within {n} working days of a written request", "save where mandatory law of the place of performance provides otherwise",
    "unless the delay is caused by an event described in Article {a}", "in accordance with the procedure laid down in clause {a}.{c}",
    "as if it were a Party to this Agreement", "to the extent that the loss could reasonably have been foreseen at the Effective Date",
]
TAILS = [
    "Any departure from this clause is void unless it is made in writing and signed by both Parties.",
    "The burden of proof lies with the Party that relies on the exception.",
    "Time is of the essence in respect of this obligation.",
    "This clause survives the end of this Agreement for whatever reason.",
    "Interest runs from the day after the due date at the statutory rate.",
    "The Parties shall first try to settle the matter between their managing directors.",
    "A waiver on one occasion is no waiver on any later occasion.",
]
TITLES = [
    "Definitions", "Term and Renewal", "Scope of Services", "Delivery and Acceptance", "Price and Payment", "Title and Risk", "Warranties",
    "Liability", "Indemnities", "Insurance", "Confidentiality", "Data Protection", "Intellectual Property", "Subcontracting", "Audit",
    "Force Majeure", "Suspension", "Termination", "Consequences of Termination", "Assignment", "Notices", "Governing Law", "Disputes",
    "Miscellaneous",
]


def sentence(rng):
    limit = rng.choice(LIMITS).format(n=rng.randint(2, 36), a=rng.randint(1, 24), c=rng.randint(1, 12))
    text = f"{rng.choice(ROLES)} {rng.choice(DUTIES)} {rng.choice(OBJECTS)} {limit}."
    return text[0].upper() + text[1:]


def clause(rng):
    sentences = [sentence(rng) for _ in range(rng.randint(2, 4))]
    if rng.random() < 0.6:
        sentences.append(rng.choice(TAILS))
    return " ".join(sentences)


# ---- PDF ---------------------------------------------------------------------------------------------------------------------------

def wrap(text, width):
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        yield line


def literal(text):
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("cp1252")


def page_content(lines, footer):
    parts = [b"BT /F1 11 Tf 15 TL 72 770 Td"]
    for style, line in lines:
        font = {"title": b"/F2 20 Tf 28 TL", "heading": b"/F2 13 Tf 20 TL", "text": b"/F1 11 Tf 15 TL"}[style]
        parts.append(font + b" (" + literal(line) + b") Tj T*")
    parts.append(b"ET BT /F1 9 Tf 72 40 Td (" + literal(footer) + b") Tj ET")
    return b"\n".join(parts)


def pdf(pages, title, password=None):
    """Pages are lists of (style, line). With a password the file is encrypted with RC4, 128 bits, which every reader knows."""
    file_id = hashlib.md5(title.encode()).digest()
    security = Security(password, file_id) if password else None
    objects = {1: b"<< /Type /Catalog /Pages 2 0 R >>"}
    objects[3] = b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>"
    objects[4] = b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Bold /Encoding /WinAnsiEncoding >>"
    kids = []
    for index, lines in enumerate(pages):
        page, content = 10 + 2 * index, 11 + 2 * index
        kids.append(b"%d 0 R" % page)
        objects[page] = (b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
                         b"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>" % content)
        data = zlib.compress(page_content(lines, f"{title} - page {index + 1} of {len(pages)}"), 9)
        if security:
            data = security.encrypt(data, content)
        objects[content] = b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(data) + data + b"\nendstream"
    objects[2] = b"<< /Type /Pages /Count %d /Kids [ %s ] >>" % (len(kids), b" ".join(kids))
    trailer = b"/Root 1 0 R /ID [ <%s> <%s> ]" % ((file_id.hex().encode(),) * 2)
    if security:
        objects[5] = security.dictionary
        trailer += b" /Encrypt 5 0 R"

    out = bytearray(b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    # The page tree comes last, as most writers have it: what is cut off at the end is then really lost.
    for number in sorted(objects, key=lambda n: (n in (1, 2), n)):
        offsets[number] = len(out)
        out += b"%d 0 obj\n" % number + objects[number] + b"\nendobj\n"
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n" % size
    for number in range(size):
        out += b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 65535 f \n"
    out += b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out)


class Security:
    """The standard security handler, revision 3 (ISO 32000-1, 7.6.3)."""

    PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    PERMISSIONS = -4

    def __init__(self, password, file_id):
        padded = (password.encode("latin-1") + self.PADDING)[:32]
        digest = hashlib.md5(padded).digest()
        for _ in range(50):
            digest = hashlib.md5(digest).digest()
        owner = self.rounds(digest, padded)
        key = hashlib.md5(padded + owner + self.PERMISSIONS.to_bytes(4, "little", signed=True) + file_id).digest()
        for _ in range(50):
            key = hashlib.md5(key).digest()
        user = self.rounds(key, hashlib.md5(self.PADDING + file_id).digest()) + bytes(16)
        self.key = key
        self.dictionary = (b"<< /Filter /Standard /V 2 /R 3 /Length 128 /P %d /O <%s> /U <%s> >>"
                           % (self.PERMISSIONS, owner.hex().encode(), user.hex().encode()))

    def encrypt(self, data, number):
        return self.rc4(hashlib.md5(self.key + number.to_bytes(3, "little") + b"\0\0").digest(), data)

    @classmethod
    def rounds(cls, key, data):
        for step in range(20):
            data = cls.rc4(bytes(b ^ step for b in key), data)
        return data

    @staticmethod
    def rc4(key, data):
        box, j = list(range(256)), 0
        for i in range(256):
            j = (j + box[i] + key[i % len(key)]) & 255
            box[i], box[j] = box[j], box[i]
        out, i, j = bytearray(), 0, 0
        for byte in data:
            i = (i + 1) & 255
            j = (j + box[i]) & 255
            box[i], box[j] = box[j], box[i]
            out.append(byte ^ box[(box[i] + box[j]) & 255])
        return bytes(out)


def agreement_pages(rng, count):
    lines = [("title", "Terminal and Storage Services Agreement"), ("text", "")]
    lines += [("text", line) for line in wrap(
        f"between {PARTIES[0]} and {PARTIES[1]}, with {PARTIES[2]} as guarantor. All persons, companies and places in this document "
        "are invented. It exists to be read by machines.", 88)]
    article = number = 0
    while len(lines) < count * 44:
        if number == 0 or number > 9:
            article, number = article + 1, 1
            lines += [("text", ""), ("heading", f"Article {article} - {TITLES[(article - 1) % len(TITLES)]}"), ("text", "")]
        lines += [("text", line) for line in wrap(f"{article}.{number} {clause(rng)}", 88)] + [("text", "")]
        number += 1
    return [lines[start:start + 44] for start in range(0, count * 44, 44)]


# ---- DOCX --------------------------------------------------------------------------------------------------------------------------

CONTENT_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
RELATIONSHIPS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"""


def docx(path, paragraphs):
    body = []
    for style, text in paragraphs:
        if style == "page":
            body.append('<w:p><w:r><w:br w:type="page"/></w:r></w:p>')
            continue
        look = '<w:rPr><w:b/><w:sz w:val="28"/></w:rPr>' if style == "heading" else ""
        body.append(f'<w:p><w:r>{look}<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>')
    document = ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
                '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
                + "".join(body) + '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>')
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in [("[Content_Types].xml", CONTENT_TYPES), ("_rels/.rels", RELATIONSHIPS), ("word/document.xml", document)]:
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)


def lease_paragraphs(rng, pages):
    for page in range(pages):
        if page:
            yield "page", ""
        yield "heading", f"Section {page + 1}. {TITLES[page % len(TITLES)]}"
        for number in range(1, 7):
            yield "text", f"{page + 1}.{number} {clause(rng)}"


def letter(rng):
    yield f"{PARTIES[3]}\n\nTo the managing directors of {PARTIES[0]}\n\nNotice of claim under the Terminal and Storage Services Agreement"
    for _ in range(24):
        yield clause(rng)
    yield "Yours faithfully,\n\nZo\u00eb M\u00fcller-O\u2019Hara\nGeneral Counsel"


def main():
    (FOLDER / "terminal-services-agreement.pdf").write_bytes(
        pdf(agreement_pages(random.Random(2026), 104), "Terminal and Storage Services Agreement"))
    (FOLDER / "encrypted-settlement.pdf").write_bytes(
        pdf(agreement_pages(random.Random(7), 3), "Settlement, privileged and confidential", password="a secret that is not shipped"))
    whole = pdf(agreement_pages(random.Random(11), 12), "Charter Party")
    # Half of a download: the page tree and the table of objects are gone.
    (FOLDER / "damaged-charter-party.pdf").write_bytes(whole[:len(whole) // 2])
    docx(FOLDER / "warehouse-lease.docx", lease_paragraphs(random.Random(3), 8))
    (FOLDER / "notice-of-claim.txt").write_text("\n\n".join(letter(random.Random(5))) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
