"""The text that is measured on: made up, the same on every machine, and shaped like what people write.

Words follow a Zipf-Mandelbrot law over a vocabulary that grows with the corpus (Heaps), come in bursts within a
paragraph, and are spelled so that English stemming leaves them alone: engines with different stemmers agree on them.
Each paragraph is a JSONL record with its facet values given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import Stemmer

DIMENSIONS: Final = ("people", "countries", "weapons")
#: How many values a paragraph has on average, of each dimension.
VALUES_EACH: Final = (1.0, 1.2, 0.8)
MEAN_WORDS: Final = 55
CHUNK: Final = 20_000
#: The share of words that repeat an earlier word of their paragraph.
BURST: Final = 0.15


def vocabulary(size: int) -> list[str]:
    """Distinct words that look like words and are their own stems, short ones first."""
    stem = Stemmer.Stemmer("english").stemWord
    syllables = [consonant + vowel for consonant in "bdgkmnprtvzlf" for vowel in "aou"]
    words: list[str] = []
    stems, length = [""], 0
    while len(words) < size:
        length += 1
        stems = [start + syllable for start in stems for syllable in syllables]
        for start in stems:
            word = start + "bkmptvz"[len(words) % 7]
            if stem(word) == word:
                words.append(word)
                if len(words) == size:
                    break
    # Ranks are spread over spellings, so that a prefix holds frequent words and rare ones.
    order = np.random.default_rng(7).permutation(min(size, 4000))
    words[: len(order)] = [words[i] for i in order]
    return words


def zipf(size: int) -> npt.NDArray[np.float64]:
    """The cumulated probabilities of ranks under Zipf and Mandelbrot's law."""
    weights = 1 / (np.arange(1, size + 1) + 2.7) ** 1.05
    law: npt.NDArray[np.float64] = np.cumsum(weights) / weights.sum()
    return law


def records(paragraphs: int) -> Iterator[dict[str, object]]:
    """The records of a corpus of so many paragraphs."""
    words = np.array(vocabulary(int(20 * (paragraphs * MEAN_WORDS) ** 0.6)), object)
    ranks = zipf(len(words))
    sizes = (max(200, int(20 * paragraphs**0.5)), 195, 300)
    values = [
        np.array([f"{name[0].upper()}{i:05d} {words[i % 1000].title()}" for i in range(size)], object)
        for name, size in zip(DIMENSIONS, sizes, strict=True)
    ]
    laws = [zipf(size) for size in sizes]
    rng = np.random.default_rng(paragraphs)
    for low in range(0, paragraphs, CHUNK):
        count = min(CHUNK, paragraphs - low)
        lengths = np.clip(rng.lognormal(np.log(MEAN_WORDS) - 0.08, 0.4, count), 5, 200).astype(int)
        starts = np.cumsum(lengths) - lengths
        drawn = np.searchsorted(ranks, rng.random(int(lengths.sum())))
        place = np.arange(len(drawn)) - np.repeat(starts, lengths)
        repeats = np.flatnonzero((rng.random(len(drawn)) < BURST) & (place > 0))
        drawn[repeats] = drawn[repeats - 1 - (rng.random(len(repeats)) * place[repeats]).astype(int)]
        flat = words[np.minimum(drawn, len(words) - 1)].tolist()
        bears = [rng.poisson(mean, count) for mean in VALUES_EACH]
        facets = [
            np.minimum(np.searchsorted(law, rng.random(int(some.sum()))), len(law) - 1)
            for law, some in zip(laws, bears, strict=True)
        ]
        ends = [np.cumsum(some) for some in bears]
        for i in range(count):
            yield {
                "id": f"{low + i}",
                "text": " ".join(flat[starts[i] : starts[i] + lengths[i]]) + ".",
                **{
                    name: sorted(set(values[d][facets[d][ends[d][i] - bears[d][i] : ends[d][i]]].tolist()))
                    for d, name in enumerate(DIMENSIONS)
                },
            }


def make(paragraphs: int, folder: Path) -> Path:
    """The corpus as a JSONL file in a folder; made when it is not there yet."""
    path = folder / f"corpus-{paragraphs}.jsonl"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        with temporary.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in records(paragraphs))
        temporary.replace(path)
    return path


def read(path: Path) -> Iterator[dict[str, object]]:
    """The records of a JSONL file, with all dimensions."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            for name in DIMENSIONS:
                record.setdefault(name, [])
            yield record
