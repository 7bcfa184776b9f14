"""Grades and reports in the forms that grade books and build servers read.

rosters, matching   the table of a class as a grade book exports it, and whose row is whose
sheet               a table of grades as a file
canvas, moodle      tables that grade books import
grades              the plain table of a class
gradescope, junit   reports in other programs' forms
github              annotations and the summary of a workflow
autograder          the grader inside Gradescope; `archive` packs it
workflow            the grader inside GitHub Actions
"""
