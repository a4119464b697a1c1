import numpy as np

from engines.parts.retrieval.topics import spherical_clusters, topic_names


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_planted_clusters_are_found_and_numbered_by_first_member():
    draw = np.random.default_rng(0)
    own = np.repeat([0, 1, 2], 20)
    draw.shuffle(own)
    vectors = unit(np.eye(8)[own] + draw.normal(0, 0.1, (60, 8)))
    found = spherical_clusters(vectors, 3)
    assert all(len(set(own[found == cluster])) == 1 for cluster in range(3))
    assert found[0] == 0 and len(set(found)) == 3
    assert (spherical_clusters(vectors, 3) == found).all()


def test_fewer_prompts_than_clusters():
    assert spherical_clusters(unit(np.eye(2)), 6).tolist() == [0, 1]
    assert spherical_clusters(np.zeros((0, 4)), 3).tolist() == []
    same = unit(np.ones((4, 3)))
    assert set(spherical_clusters(same, 3)) == {0}


def test_names_are_the_telling_words():
    texts = ["The baker sold bread", "Some bread from the baker", "Trains leave the station", "A station for trains"]
    names = topic_names(texts, np.array([0, 0, 1, 1]))
    assert names[0] == names[1] and set(names[0].split(", ")) == {"baker", "bread"}
    assert set(names[2].split(", ")) == {"station", "trains"}


def test_topics_without_words_have_names_of_their_own():
    assert topic_names(["1 + 1", "2 + 2"], np.array([0, 1])) == ["topic 1", "topic 2"]
    doubled = topic_names(["bread", "bread"], np.array([0, 1]))
    assert len(set(doubled)) == 2
