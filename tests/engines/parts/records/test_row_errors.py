from engines.parts.records.row_errors import RowError


def test_a_row_error_raised_says_the_same():
    error = RowError(7, "hops", "Row 7 is wrong.", "Mend it.", {"hops": "many"}).raised()
    assert (str(error), error.hint, error.row, error.field) == ("Row 7 is wrong.", "Mend it.", 7, "hops")


def test_the_whole_row_to_blame_has_no_field():
    assert RowError(1, "", "Wrong.", "Mend it.").raised().field is None
