import threading

import pytest

from workbench.ui.elements.render_cache import KEPT, REST, RenderCache, Subject

ONTO = ["body", "control"]


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def gallery(clock):
    return RenderCache(clock)


def subject(state=1, live=False, variant="", run="a", name="curve"):
    return Subject(run, name, variant, state, live)


def drawing(clock, value, seconds=2.0):
    def draw():
        clock.now += seconds
        return {"body": value}

    return draw


def forbidden():
    raise AssertionError("drawn again")


def test_what_was_drawn_is_shared_and_told_once_to_each_page(gallery, clock):
    mine, yours = {}, {}
    assert gallery.show(subject(), drawing(clock, "A"), ONTO, mine) == {"body": "A"}
    assert gallery.show(subject(), forbidden, ONTO, mine) == {}
    assert gallery.show(subject(), forbidden, ONTO, yours) == {"body": "A"}
    assert mine == yours


def test_what_was_drawn_for_one_is_shown_on_the_components_of_another(gallery, clock):
    assert gallery.show(subject(), drawing(clock, "A"), ONTO, {}) == {"body": "A"}
    assert gallery.show(subject(), forbidden, ["body of another", "control of another"], {}) == {"body of another": "A"}


def test_who_takes_an_update_apart_spoils_it_for_nobody(gallery):
    made = {"control": {"value": 3, "__type__": "update"}}
    gallery.show(subject(), lambda: made, ONTO, {})["control"].clear()
    assert gallery.show(subject(), forbidden, ONTO, {}) == {"control": {"value": 3, "__type__": "update"}}


def test_new_rows_another_variant_and_another_run_are_drawn(gallery, clock):
    stamps = {}
    for at, given in enumerate([{}, {"state": 2}, {"variant": "x"}, {"run": "b"}]):
        assert gallery.show(subject(**given), drawing(clock, at), ONTO, stamps) == {"body": at}


def test_a_live_picture_rests_in_proportion_to_its_cost(gallery, clock):
    stamps = {}
    gallery.show(subject(1, live=True), drawing(clock, "A", seconds=2.0), ONTO, stamps)
    clock.now += 2.0 * REST - 0.1
    assert gallery.show(subject(2, live=True), forbidden, ONTO, stamps) == {}
    clock.now += 0.2
    assert gallery.show(subject(3, live=True), drawing(clock, "B"), ONTO, stamps) == {"body": "B"}


def test_the_end_of_a_run_is_drawn_without_rest(gallery, clock):
    stamps = {}
    gallery.show(subject(1, live=True), drawing(clock, "A"), ONTO, stamps)
    assert gallery.show(subject(2, live=False), drawing(clock, "B"), ONTO, stamps) == {"body": "B"}


def test_only_the_last_drawings_are_kept(gallery, clock):
    for number in range(KEPT + 20):
        gallery.show(subject(run=str(number)), drawing(clock, number), ONTO, {})
    assert len(gallery._kept) == KEPT
    assert gallery.show(subject(run=str(KEPT + 19)), forbidden, ONTO, {}) == {"body": KEPT + 19}
    assert gallery.show(subject(run="0"), drawing(clock, "again"), ONTO, {}) == {"body": "again"}


def test_many_threads_end_with_one_picture():
    gallery, seen = RenderCache(), []

    def visit():
        stamps = {}
        for _ in range(50):
            gallery.show(subject(), lambda: {"body": "A"}, ONTO, stamps)
        seen.append(stamps["curve"])

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 1


def test_the_rows_asked_for_last_are_kept_until_they_change(gallery):
    loaded = []

    def load():
        loaded.append(object())
        return loaded[-1]

    first = gallery.rows("a", 1, load)
    assert gallery.rows("a", 1, load) is first
    assert gallery.rows("a", 2, load) is not first and gallery.rows("b", 2, load) is loaded[-1]
    assert gallery.rows("a", 1, load) is not first and len(loaded) == 4


def test_readers_of_two_languages_see_drawings_of_their_own(
    gallery: RenderCache, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    assert gallery.show(subject(), drawing(clock, "Layer"), ONTO, {}) == {"body": "Layer"}
    monkeypatch.setattr("workbench.ui.elements.render_cache.language", lambda: "zh")
    assert gallery.show(subject(), drawing(clock, "层"), ONTO, {}) == {"body": "层"}


def test_of_many_who_look_at_once_one_draws_and_the_others_take_the_old_picture(gallery, clock):
    gallery.show(subject(state=1, live=True), drawing(clock, "old", seconds=0.0), ONTO, {})
    begun, go_on, drawn = threading.Event(), threading.Event(), []

    def slowly():
        drawn.append(1)
        begun.set()
        assert go_on.wait(30)
        return {"body": "new"}

    first = threading.Thread(target=gallery.show, args=(subject(state=2, live=True), slowly, ONTO, {}))
    first.start()
    assert begun.wait(30)
    clock.now += 1
    shown = gallery.show(subject(state=2, live=True), lambda: pytest.fail("drawn twice"), ONTO, {})
    assert shown == {"body": "old"}
    go_on.set()
    first.join()
    assert gallery.show(subject(state=2, live=True), lambda: pytest.fail("drawn again"), ONTO, {}) == {"body": "new"}
    assert drawn == [1]


def test_who_finds_no_picture_waits_for_the_one_that_is_being_drawn(gallery):
    begun, found = threading.Event(), []

    def slowly():
        begun.set()
        return {"body": "only"}

    def look():
        found.append(gallery.show(subject(), slowly if not begun.is_set() else lambda: {"body": "other"}, ONTO, {}))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len({str(each) for each in found}) == 1 and gallery._turns == {}


def test_a_drawing_that_fails_leaves_the_turn_to_the_next(gallery):
    def fails():
        raise ValueError("no rows of this kind")

    with pytest.raises(ValueError, match="no rows"):
        gallery.show(subject(), fails, ONTO, {})
    assert gallery.show(subject(), lambda: {"body": "drawn"}, ONTO, {}) == {"body": "drawn"}
