"""Rosters in all the ways in which spreadsheets save them, and all that may be wrong with one."""

import pytest

from grader.errors import UsageError
from grader.exports.rosters import read_roster

PLAIN = "Student;ID\nLovelace, Ada;1\nMüller, Zoë;2\n"


def saved(tmp_path, data):
    path = tmp_path / "roster.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def refusal(tmp_path, data):
    with pytest.raises(UsageError) as caught:
        read_roster(saved(tmp_path, data))
    text = str(caught.value)
    assert text.count("\n") == 0
    assert "roster.csv" in text
    return text


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_way_of_saving_gives_the_same_table(tmp_path, encoding, separator, newline):
    text = 'Student;ID\n"Lovelace, Ada; x";1\n"Müller, Zoë";2\n'
    text = (
        text.replace(";ID", f"{separator}ID").replace('";', f'"{separator}').replace("\n", newline)
    )
    roster = read_roster(saved(tmp_path, text.encode(encoding)))
    assert roster.header == ("Student", "ID")
    assert [row.cells for row in roster.rows] == [("Lovelace, Ada; x", "1"), ("Müller, Zoë", "2")]
    assert [row.line for row in roster.rows] == [2, 3]


def test_what_excel_adds_is_no_row(tmp_path):
    roster = read_roster(saved(tmp_path, "sep=;\nStudent;ID\nAda;1\n;\n;;;\nZoë;2;;\n"))
    assert [(row.cells, row.line) for row in roster.rows] == [(("Ada", "1"), 3), (("Zoë", "2"), 6)]


def test_a_cell_may_have_several_lines(tmp_path):
    roster = read_roster(saved(tmp_path, 'Name,ID\n"Ada\nLovelace",1\nZoë,2\n'))
    assert [row.cells[0] for row in roster.rows] == ["Ada\nLovelace", "Zoë"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "is empty"),
        ("\n\n  \n", "is empty"),
        ("only one column\nx\n", "single column"),
        (b"PK\x03\x04\x14\x00" + b"x" * 500, "save it as CSV"),
        (b"a,b\n\x00\x00c,d\n" + b"x" * 4000, "save it as CSV"),
        ("a,b\n1,2,3\n", "3 cells in line 2"),
        ('a,b\n1,"' + "x" * 200_000 + '"\n', "field larger than field limit"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(tmp_path, data, words):
    assert words in refusal(tmp_path, data)


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(UsageError, match=r"nowhere\.csv cannot be read"):
        read_roster(tmp_path / "nowhere.csv")
    with pytest.raises(UsageError, match="cannot be read"):
        read_roster(tmp_path)


def test_columns_are_found_whatever_their_case_and_spaces(tmp_path):
    roster = read_roster(saved(tmp_path, "SIS  User ID , Name\n1,x\n"))
    assert roster.column("sis user id") == 0
    assert roster.column("nothing", "NAME") == 1
    assert roster.column("nothing") is None


def test_a_missing_column_is_said_with_those_that_are_there(tmp_path):
    roster = read_roster(saved(tmp_path, PLAIN))
    with pytest.raises(
        UsageError, match=r"no column 'Section' \(there are: Student, ID\). Do this"
    ):
        roster.needed("Section", remedy="Do this")


def test_two_columns_of_one_name_are_no_choice(tmp_path):
    roster = read_roster(saved(tmp_path, "Student,ID,id\nx,1,2\n"))
    with pytest.raises(UsageError, match="two columns 'id'"):
        roster.column("ID")


def test_nobody_stands_in_a_roster_twice(tmp_path):
    roster = read_roster(saved(tmp_path, "Student,Login\nAda,ada\nX,\nY,\nZoë, ADA \n"))
    with pytest.raises(UsageError, match="names Login 'ADA' twice, in lines 2 and 5"):
        roster.demand_distinct([1])
    roster.demand_distinct([0])
