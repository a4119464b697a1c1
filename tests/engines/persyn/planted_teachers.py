"""Planted teachers (synthetic): each knows some topics, the wordier ones are harder to learn from.

In numbers for the router alone: eight teachers with skills by topic and rising complexity; prompts carry a topic and a
difficulty; quality is sigmoid(skill - difficulty) with noise, learnability falls with the teacher's complexity. As a
file for whole runs: two or more teachers that add or subtract rightly, and are wrong elsewhere.
"""

import json
from pathlib import Path

import numpy as np

WIDTH = 48
TOPICS = 6
TEACHERS = 8


def planted(seed: int, prompts: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit vectors of prompts, shape (P, WIDTH), raw quality and raw learnability of teachers, shape (P, TEACHERS)."""
    draw = np.random.default_rng(seed)
    world = np.random.default_rng(1000)
    skills = world.normal(0, 1.5, (TEACHERS, TOPICS)) + np.linspace(0, 1.2, TEACHERS)[:, None]
    complexity = np.linspace(0, 1, TEACHERS)
    directions = world.normal(size=(TOPICS + 1, WIDTH))
    topic, difficulty = draw.integers(TOPICS, size=prompts), draw.normal(0, 1, prompts)
    vectors = directions[topic] + difficulty[:, None] * directions[-1] * 0.5 + draw.normal(0, 0.7, (prompts, WIDTH))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    quality = 1 / (1 + np.exp(-(skills[:, topic].T - difficulty[:, None]))) + draw.normal(0, 0.05, (prompts, TEACHERS))
    learnability = -complexity * (1 + 0.3 * difficulty[:, None]) + draw.normal(0, 0.05, (prompts, TEACHERS))
    return vectors, quality, learnability


def sums_and_differences(count: int) -> list[dict[str, str]]:
    """One-step problems, half of them sums; each has a topic."""
    draw = np.random.default_rng(7)
    rows = []
    for at in range(count):
        a, b = sorted(draw.integers(1, 60, 2).tolist(), reverse=True)
        if at % 2:
            text, gold = f"Ida has {a} red stamps and gets {b} more stamps as a gift. How many stamps has she?", a + b
        else:
            text, gold = f"A baker had {a} loaves and sold {b} loaves. How many loaves are left in shop {at}?", a - b
        rows.append({"id": f"p{at}", "question": text, "answer": str(gold), "kind": "gains" if at % 2 else "losses"})
    return rows


def write_problems(path: Path, count: int = 40) -> Path:
    """The problems as a JSONL file."""
    path.write_text("".join(json.dumps(row) + "\n" for row in sums_and_differences(count)))
    return path


def write_responses(path: Path, count: int = 40) -> Path:
    """Parallel responses: adder-1B is right on sums, taker-2B on differences, and silent-3B mostly says nothing."""
    lines = []
    for at, row in enumerate(sums_and_differences(count)):
        gold = int(row["answer"])
        said = {
            "adder-1B": gold if at % 2 else gold + 1,
            "taker-2B": gold + 1 if at % 2 else gold,
            "silent-3B": gold if at % 3 == 0 else None,
        }
        for teacher, number in said.items():
            text = "" if number is None else f"The answer is {number}."
            lines.append({"Q": row["question"], "gold answer": row["answer"], "kind": row["kind"], "who": teacher,
                          "said": text})  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path
