"""Tables for grade books: read back as the platforms read them; whose grade goes where."""

import csv
import re

import pytest
from gradebook_class import FORMULA, HOSTILE, entry, make_store, report

from grader.batch.entries import Learner
from grader.errors import UsageError
from grader.exports import canvas, moodle
from grader.exports.grades import grades, write_grades
from grader.exports.rosters import read_roster
from grader.exports.sheet import Sheet, feedback, number

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Workshop (4711),Essay (4712),Final Score
,,,,,Manual Posting,,
    Points Possible,,,,,100,10,(read only)
"Lovelace, Ada",901,s-1,ada,Mon,12,3,40
"Hopper, Grace",902,s-2,grace@uni.example,Mon,,4,40
"Turing, Alan",903,s-3,alan,Tue,-,4,40
"Noether, Emmy",904,s-4,emmy,Tue,EX,4,40
"Student, Test",905,,f00dface,Tue,,,
"""


@pytest.fixture
def roster(tmp_path):
    def roster(text):
        path = tmp_path / "roster.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return read_roster(path)

    return roster


def read_back(sheet, tmp_path):
    """The file as dictionaries, by another reader than what wrote it is checked with."""
    sheet.write(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def why(sheet):
    return {entry.name: reason for entry, reason in sheet.astray}


# The plain table.


def test_the_plain_table_has_a_row_for_each_submission(tmp_path):
    learners = {"ada": (Learner(), report("ada")), "zoë": (Learner(), None)}
    with make_store(tmp_path / "class", learners) as store:
        write_grades(store, tmp_path / "grades.csv")
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    ids = [e["id"] for e in report()["exercises"]]
    assert list(rows[0]) == ["name", "score", "max_score", *ids]
    assert rows[0] | {"score": "2", "max_score": "7"} == rows[0]
    assert rows[0]["ch01_sums.total"] == "2"
    assert rows[0]["ch01_sums.mean"] == "0"
    assert rows[0]["ch02_shapes.outer"] == "", "not counted there"
    assert set(rows[1].values()) == {"zoë", ""}


def test_a_class_without_verdicts_is_a_table_too(tmp_path):
    rows = read_back(grades([entry(FORMULA)]), tmp_path)
    assert rows == [{"name": f"'{FORMULA}", "score": "", "max_score": ""}]


# Canvas, as its importer reads it (lib/gradebook_importer.rb).


def as_canvas_reads(path, points):
    """{ID: grade} of the one assignment, found and checked as Canvas does it."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, strict=True)
    assert "Student" in header[0]
    assert "ID" in header[1]
    last = header.index("Section")
    assert re.fullmatch(r"SIS\s+User\s+ID", header[2])
    assert re.fullmatch(r"SIS\s+Login\s+ID", header[3])
    assert len(header) == last + 2
    assert re.fullmatch(r".* \(\d+\)", header[-1])
    assert all(len(row) == len(header) for row in rows)
    assert "Points Possible" in rows[0][0]
    assert rows[0][-1] == points
    return {row[1]: row[-1] for row in rows[1:]}


def test_canvas_gets_its_own_gradebook_back(roster, tmp_path):
    class_ = [
        entry("a", 9, id="901"),
        entry("b", 4.5, login="GRACE@uni.example"),
        entry("c", 3, id="s-3", full_name="Alan Turing"),
    ]
    sheet = canvas.sheet(class_, roster(CANVAS), "workshop")
    sheet.write(tmp_path / "out.csv")
    found = as_canvas_reads(tmp_path / "out.csv", "100")
    assert found == {"901": "100", "902": "50", "903": "33.33", "904": "EX", "905": ""}
    assert not sheet.astray
    assert [row.line for row in sheet.without] == [7, 8]
    rows = read_back(sheet, tmp_path)
    assert rows[1]["Student"] == "Lovelace, Ada"
    assert "Essay (4712)" not in rows[1], "what is not there is left alone"


@pytest.mark.parametrize(
    "key", ["901", "s-1", "ADA ", "Ada Lovelace", "Lovelace, Ada", "ada  lovelace"]
)
def test_canvas_rows_are_found_by_each_key_and_by_the_name(roster, tmp_path, key):
    learner = {"full_name": key} if "lace" in key.casefold() else {"login": key}
    sheet = canvas.sheet([entry("x", 9, **learner)], roster(CANVAS), "Workshop (4711)")
    assert not sheet.astray
    assert read_back(sheet, tmp_path)[1]["Workshop (4711)"] == "100"


def test_a_folder_is_named_after_its_learner(roster, tmp_path):
    sheet = canvas.sheet([entry("alan", 9)], roster(CANVAS), "Workshop")
    assert read_back(sheet, tmp_path)[3]["Workshop (4711)"] == "100"


def test_a_doubtful_grade_goes_nowhere_and_is_said(roster, tmp_path):
    class_ = [
        entry("two rows", 9, id="901", login="alan"),
        entry("one", 9, id="902"),
        entry("two", 9, login="grace@uni.example"),
        entry("nobody", 9, id="999"),
        entry("excused", 9, id="904"),
        entry("waiting", id="903"),
    ]
    sheet = canvas.sheet(class_, roster(CANVAS), "Workshop")
    assert why(sheet) == {
        "two rows": "fits lines 4 (by ID) and 6 (by SIS Login ID) of the roster",
        "one": "shares line 5 of the roster with another submission",
        "two": "shares line 5 of the roster with another submission",
        "nobody": "is in no row of the roster",
        "excused": "is excused in line 7 of the roster; that stays",
        "waiting": "has not been graded yet",
    }
    said = "\n".join(sheet.said())
    assert all(e.name in said for e in class_)
    assert "4 rows of the roster have no submission:" in said
    assert "Hopper, Grace" in said
    kept = [row["Workshop (4711)"] for row in read_back(sheet, tmp_path)[1:]]
    assert kept == ["12", "", "-", "EX", ""], "what Canvas has stays"


def test_names_that_several_people_have_are_no_key(roster):
    text = CANVAS + '"Lovelace, Ada",906,s-6,ada2,Tue,,,\n'
    sheet = canvas.sheet([entry("x", 9, full_name="Ada Lovelace")], roster(text), "Workshop")
    assert why(sheet) == {"x": "is in no row of the roster"}
    class_ = [entry("x", 9, full_name="Alan Turing"), entry("y", 8, full_name="Turing, Alan")]
    assert set(why(canvas.sheet(class_, roster(text), "Workshop"))) == {"x", "y"}


def test_a_new_assignment_gets_the_points_of_the_exercises(roster, tmp_path):
    sheet = canvas.sheet([entry("x", 4.5, id="901")], roster(CANVAS), "JAX, week 1")
    rows = read_back(sheet, tmp_path)
    assert [row["JAX, week 1"] for row in rows] == ["9", "4.5", "", "", "", ""]
    assert "'JAX, week 1' is not in the gradebook" in sheet.notes[0]
    rows = read_back(
        canvas.sheet([entry("x", 4.5, id="901")], roster(CANVAS), "=new", 20), tmp_path
    )
    assert [row["'=new"] for row in rows][:2] == ["20", "10"]


def test_points_that_differ_from_the_gradebooks_are_said(roster):
    sheet = canvas.sheet([entry("x", 9, id="901")], roster(CANVAS), "Workshop", 20)
    assert sheet.notes == ("The gradebook gives 100 points; with 20 it changes.",)


def test_a_gradebook_with_one_assignment_needs_no_column(roster, tmp_path):
    text = re.sub(r",[^,]*,[^,]*$", "", CANVAS, flags=re.MULTILINE)
    sheet = canvas.sheet([entry("x", 9, id="901")], roster(text))
    assert read_back(sheet, tmp_path)[1]["Workshop (4711)"] == "100"


def test_gradebooks_with_first_and_last_names_are_read(roster, tmp_path):
    text = "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,W (1)\nLovelace,Ada,901,,,Mon,\n"
    sheet = canvas.sheet([entry("x", 9, full_name="Ada Lovelace")], roster(text))
    assert read_back(sheet, tmp_path)[1] == {
        "LastName": "Lovelace", "FirstName": "Ada", "ID": "901", "SIS User ID": "",
        "SIS Login ID": "", "Section": "Mon", "W (1)": "9",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "column", "words"),
    [
        ("Section,", "Group,", "Workshop", "no column 'Section'"),
        ("Student,ID", "Name,ID", "Workshop", "no column 'Student'"),
        ("Student,ID", "Student,Number", "Workshop", "no column 'ID'"),
        (",902,", ",901,", "Workshop", "names ID '901' twice, in lines 4 and 5"),
        ("s-2", "S-1", "Workshop", "names SIS User ID 'S-1' twice"),
        ("", "", None, r"2 columns that may be the assignment ('Workshop (4711)', 'Essay (4712)')"),
        ("Essay", "Workshop", "workshop", "2 columns that may be the assignment"),
        ("", "", "Final Score", "computes itself"),
        ("", "", "My Final Grade", "keeps for itself"),
        ("", "", "  ", "keeps for itself"),
    ],
)
def test_a_gradebook_that_will_not_do_gets_one_sentence(roster, old, new, column, words):
    with pytest.raises(UsageError) as caught:
        canvas.sheet([entry("x", 9, id="901")], roster(CANVAS.replace(old, new, 1)), column)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_formulas_in_a_gradebook_are_texts(roster, tmp_path):
    text = CANVAS.replace('"Lovelace, Ada"', '"=cmd|x"').replace("Mon,12", "@x,12")
    row = read_back(canvas.sheet([], roster(text), "Workshop"), tmp_path)[1]
    assert (row["Student"], row["Section"], row["Workshop (4711)"]) == ("'=cmd|x", "'@x", "12")


# Moodle, as its importers read it (load_data.php, importgradeslib.php).

WORKSHEET = """\
\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",\
"Last modified (submission)","Last modified (grade)","Feedback comments"
Participant 71,Ada Lovelace,ada@uni.example,Submitted,,50.00,Yes,-,-,
Participant 72,Grace Hopper,grace@uni.example,Submitted,12.00,50.00,Yes,-,"Monday, 1 June",old words
Participant 73,Alan Turing,alan@uni.example,No submission,,50.00,Yes,-,-,
"""


def as_moodle_reads(rows, grade, most):
    """Every grade is a number from 0 to the maximum, or empty for who has none."""
    for row in rows:
        assert row[grade] == "" or 0 <= float(row[grade]) <= most
        assert "e" not in row[grade]
    return [row[grade] for row in rows]


def test_moodles_worksheet_comes_back_filled_in(roster, tmp_path):
    class_ = [
        entry("a", 4.5, id="71"),
        entry("b", 1, email="ALAN@uni.example"),
        entry("c", 9, id="99"),
    ]
    sheet = moodle.sheet(class_, roster(WORKSHEET))
    rows = read_back(sheet, tmp_path)
    assert as_moodle_reads(rows, "Grade", 50) == ["25", "12.00", "5.56"]
    assert {"Identifier", "Grade", "Last modified (grade)"} <= set(rows[0])
    assert rows[0]["Feedback comments"] == (
        "1 of 2 exercises passed. Not passed: ch01_sums.mean (failed: a sum for a mean)."
    )
    assert rows[1]["Feedback comments"] == "old words", "a row without a submission stays as it is"
    assert rows[1]["Last modified (grade)"] == "Monday, 1 June"
    assert why(sheet) == {"c": "is in no row of the roster"}
    assert [row.line for row in sheet.without] == [3]


def test_a_worksheet_of_hidden_names_in_another_language_is_matched_by_number(roster, tmp_path):
    text = "Identifier,Grade,Last modified (grade)\nTeilnehmer/in71,,-\nTeilnehmer/in72,,-\n"
    sheet = moodle.sheet([entry("a", 9, id="72")], roster(text))
    rows = read_back(sheet, tmp_path)
    assert [row["Grade"] for row in rows] == ["", "9"]
    assert "switch that feedback type on" in sheet.notes[0]


@pytest.mark.parametrize(
    ("title", "field"), [("Email address", "email"), ("Username", "login"), ("ID number", "id")]
)
def test_a_list_of_participants_will_do(roster, tmp_path, title, field):
    text = f"First name,Last name,{title}\nAda,Lovelace,k1\nGrace,Hopper,k2\n"
    class_ = [entry("a", 9, **{field: "K1"}), entry("b", 1, full_name="Hopper, Grace")]
    sheet = moodle.sheet(class_, roster(text), "JAX", 100)
    rows = read_back(sheet, tmp_path)
    assert as_moodle_reads(rows, "JAX", 100) == ["100", "11.11"]
    assert [row[title] for row in rows] == ["k1", "k2"]
    assert list(rows[0]) == [title, "JAX", "Feedback"]


def test_a_participant_without_the_key_is_said(roster):
    text = "First name,Last name,Email address\nAda,Lovelace,a@b.example\nGrace,Hopper,\n"
    sheet = moodle.sheet([entry("b", 1, full_name="Grace Hopper")], roster(text))
    assert why(sheet) == {"b": "has no Email address in line 3 of the roster"}


def test_without_a_roster_the_learners_own_addresses_are_used(tmp_path):
    class_ = [entry("a", 9, email="a@b.example"), entry("b", 3, id="17"), entry("c")]
    sheet = moodle.sheet(class_)
    assert read_back(sheet, tmp_path) == [
        {
            "Email address": "a@b.example",
            "Grade": "9",
            "Feedback": "1 of 2 exercises passed. Not passed: ch01_sums.mean (failed: a sum for a mean).",
        }
    ]
    assert set(why(sheet)) == {"b", "c"}
    assert "out of 9" in sheet.notes[0]
    logins = [entry("a", 9, login="=ada")]
    assert read_back(moodle.sheet(logins), tmp_path)[0]["Username"] == "'=ada"


@pytest.mark.parametrize(
    ("class_", "text", "column", "words"),
    [
        ([entry("a", 9, id="7")], None, None, "Name the grading worksheet"),
        ([entry("a", 9, email="x@y"), entry("b", 9, email="x@y")], None, None, "are of x@y"),
        ([], "Name,Points\nAda,1\n", None, "no column 'Email address'"),
        ([], "Identifier,Points\nParticipant 1,1\n", None, "no column 'Grade'"),
        ([], "Identifier,Grade\nParticipant 1,1\n", None, "no column 'Last modified (grade)'"),
        ([], WORKSHEET, "Mark", "Leave --column out"),
        ([], WORKSHEET.replace("72", "71"), None, "names Identifier 'Participant 71' twice"),
        ([], WORKSHEET.replace("grace@", "ada@"), None, "twice, in lines 2 and 3"),
    ],
)
def test_what_moodle_cannot_use_gets_one_sentence(roster, class_, text, column, words):
    with pytest.raises(UsageError) as caught:
        moodle.sheet(class_, roster(text) if text else None, column)
    assert words in str(caught.value)


# Numbers and words.


@pytest.mark.parametrize(
    ("score", "most", "points", "shown"),
    [(61, 77, 100, "79.22"), (77, 77, 77, "77"), (0, 9, 9, "0"), (9, 0, 9, "0"), (10, 9, 5, "5")],
)
def test_a_grade_is_a_share_of_the_points(score, most, points, shown, tmp_path):
    rows = read_back(moodle.sheet([entry("a", score, most, email="a@b")], points=points), tmp_path)
    assert rows[0]["Grade"] == shown


def test_numbers_have_no_exponent_and_no_sign_of_nothing():
    assert [number(x) for x in (1e-9, -0.0, 100000, 0.1 + 0.2, 2.50)] == [
        "0",
        "0",
        "100000",
        "0.3",
        "2.5",
    ]


def test_feedback_is_short_and_escaped(tmp_path):
    long = entry("a", 1, email="a@b").graded
    verdict = next(iter(long.verdicts.values()))
    many = {f"ch01.e{i}": type(verdict)("failed", 0.0, 1.0, HOSTILE) for i in range(50)}
    told = type(long)(1, 9, 1.0, "FULL", "", many)
    assert "and 30 more" in feedback(told)
    comment = moodle._comment(told)
    assert "<script" not in comment
    assert "&lt;script&gt;" in comment


def test_a_table_can_be_empty(tmp_path):
    assert read_back(Sheet((("a", "b"),)), tmp_path) == []
