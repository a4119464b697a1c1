import torch

from engines.parts.expert_layers.expert_groups import grouped_update, groups_pay


def test_groups_pay_where_much_is_skipped():
    assert groups_pay(512, (32,) * 8, 2)
    assert not groups_pay(512, (8,) * 8, 2)
    assert not groups_pay(512, (64,) * 4, 3)
    assert not groups_pay(1, (32,) * 8, 2)


def test_the_update_by_hand():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    gates = torch.tensor([[0.5, 0.0], [0.0, 2.0]])
    down, up, factors = torch.eye(2), torch.tensor([[1.0, 10.0]]), torch.tensor([1.0, 3.0])
    # first token: 0.5 * 1 * 1; second: 2 * 10 * 3 * 4
    assert grouped_update(x, gates, (down, up, factors), (1, 1)).tolist() == [[0.5], [240.0]]
    assert grouped_update(x, torch.zeros(2, 2), (down, up, factors), (1, 1)).tolist() == [[0.0], [0.0]]
