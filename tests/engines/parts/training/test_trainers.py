from functools import partial

from pydantic import TypeAdapter

from engines.parts.rows.training_step import TrainingStep
from engines.parts.training.trainers import last_checkpoint

STEP = partial(TrainingStep, arm="method", seed=0, adapter="student", learning_rate=0.1, tokens=3, seconds=0.5)


def save(folder, number):
    checkpoint = folder / f"checkpoint-{number}"
    checkpoint.mkdir(parents=True)
    steps = [STEP(step=at + 1, loss=1 / 3 / (at + 1)) for at in range(number)]
    (checkpoint / "steps.json").write_bytes(TypeAdapter(list[TrainingStep]).dump_json(steps))
    return steps


def test_the_newest_complete_checkpoint_counts(tmp_path):
    assert last_checkpoint(tmp_path / "none") == (None, [])
    save(tmp_path, 9)
    steps = save(tmp_path, 10)
    (tmp_path / "checkpoint-11").mkdir()  # killed while it was saved
    assert last_checkpoint(tmp_path) == (str(tmp_path / "checkpoint-10"), steps)
