"""The remark is there and hidden until the script finds that nothing answers."""

from workbench.ui.elements.connection_notice import connection_notice


def test_the_remark_is_hidden_and_names_the_causes():
    notice = connection_notice()
    assert " hidden>" in notice and 'role="alert"' in notice
    assert "other tabs of this browser hold all its connections" in notice
