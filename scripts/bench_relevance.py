"""nDCG@10 of searchkit's ranking: `scripts/relevance FOLDER [--peer]`.

The folder holds `docs.jsonl` (or `.jsonl.xz`) with `id` and `text`, `queries.jsonl` with the same, and `qrels.tsv` with
query, document and grade. The words of a query are joined by OR, and a document ranks by its best paragraph. `--peer`
runs Tantivy on the same words, where it is installed.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
import re
import statistics
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import searchkit
from searchkit.model import ENTITY_DIMENSIONS

DEPTH: Final = 10
_WORD: Final = re.compile(r"\w+")
Ranker = Callable[[list[str]], list[str]]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer", action="store_true", help="Tantivy as well")
    options = parser.parse_args()
    queries = {str(record["id"]): str(record["text"]) for record in records(options.folder, "queries")}
    grades: dict[str, dict[str, int]] = {}
    for line in (options.folder / "qrels.tsv").read_text("utf-8").splitlines():
        query, document, grade = line.split("\t")[:3]
        grades.setdefault(query, {})[document] = int(grade)
    with tempfile.TemporaryDirectory() as place:
        for name, make in {
            "searchkit": searchkit_ranker,
            **({"tantivy": tantivy_ranker} if options.peer else {}),
        }.items():
            rank = make(options.folder, Path(place) / name)
            scores = [ndcg(rank(_WORD.findall(queries[query].lower())), judged) for query, judged in grades.items()]
            print(f"{name}: nDCG@{DEPTH} {statistics.fmean(scores):.4f} over {len(scores)} queries")


def records(folder: Path, name: str) -> Iterator[dict[str, object]]:
    """The records of a JSONL file, compressed or not."""
    path = folder / f"{name}.jsonl"
    with path.open("rb") if path.exists() else lzma.open(f"{path}.xz") as file:
        for line in file:
            yield json.loads(line)


def ndcg(ranked: list[str], judged: dict[str, int]) -> float:
    """Normalised discounted cumulative gain of the first documents (Järvelin and Kekäläinen 2002)."""
    gains = [judged.get(document, 0) for document in ranked[:DEPTH]]
    best = sorted(judged.values(), reverse=True)[:DEPTH]
    ideal = sum(grade / math.log2(place + 2) for place, grade in enumerate(best))
    return sum(grade / math.log2(place + 2) for place, grade in enumerate(gains)) / ideal if ideal else 0.0


def searchkit_ranker(folder: Path, place: Path) -> Ranker:
    """The engine over the documents, without facets."""
    place.mkdir()
    corpus = place / "corpus.jsonl"
    none: dict[str, list[str]] = {name: [] for name in ENTITY_DIMENSIONS}
    with corpus.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"id": r["id"], "text": r["text"], **none}) + "\n" for r in records(folder, "docs"))
    searchkit.build([str(corpus)], into=str(place / "index"))
    index = searchkit.open(str(place / "index"))

    def rank(words: list[str]) -> list[str]:
        hits = index.search(" OR ".join(words), limit=5 * DEPTH, dimensions=()).hits
        return list(dict.fromkeys(hit.document.rpartition("#")[2] for hit in hits))

    return rank


def tantivy_ranker(folder: Path, place: Path) -> Ranker:
    """Tantivy with English stemming over the same documents."""
    import tantivy  # noqa: PLC0415 - a peer, not always there

    place.mkdir()
    schema = (
        tantivy.SchemaBuilder()
        .add_text_field("id", stored=True, tokenizer_name="raw")
        .add_text_field("text", tokenizer_name="en_stem")
        .build()
    )
    index = tantivy.Index(schema, path=str(place))
    writer = index.writer()
    for record in records(folder, "docs"):
        writer.add_document(tantivy.Document(id=str(record["id"]), text=str(record["text"])))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def rank(words: list[str]) -> list[str]:
        query = index.parse_query(" ".join(words), ["text"])
        return [str(searcher.doc(address)["id"][0]) for _, address in islice(searcher.search(query, DEPTH).hits, DEPTH)]

    return rank


if __name__ == "__main__":
    main()
