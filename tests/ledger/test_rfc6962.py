"""Against the Certificate Transparency reference vectors, and against the definition."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.ledger.rules import rfc6962

# certificate-transparency/go/merkletree: the eight entries and what they hash to
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
LEAVES = [rfc6962.leaf_hash(entry) for entry in ENTRIES]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# (leaf, size, path) counted from 0
PATHS = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def named(count: int) -> list[bytes]:
    return [rfc6962.leaf_hash(str(place).encode()) for place in range(count)]


def test_an_empty_tree_has_the_hash_of_nothing():
    assert rfc6962.root_of([]).hex() == sha256(b"").hexdigest()


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference(size):
    assert rfc6962.root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size", "path"), PATHS)
def test_inclusion_proofs_are_those_of_the_reference(index, size, path):
    proof = rfc6962.inclusion_proof(rfc6962.levels_of(LEAVES[:size]), index)
    assert [step.hex() for step in proof] == path
    root = rfc6962.root_from_inclusion(LEAVES[index], index, size, proof)
    assert root is not None
    assert root.hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCY)
def test_consistency_proofs_are_those_of_the_reference(old, new, path):
    assert [step.hex() for step in rfc6962.consistency_proof(LEAVES[:new], old)] == path


def by_definition(leaves: list[bytes]) -> bytes:
    if len(leaves) <= 1:
        return leaves[0] if leaves else rfc6962.EMPTY_ROOT
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return rfc6962.node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


@given(st.lists(st.integers(0, 70), max_size=6))
def test_growing_by_pieces_gives_the_tree_of_the_definition(pieces):
    leaves = named(sum(pieces))
    frontier: list[bytes] = []
    size = 0
    for piece in pieces:
        rfc6962.extend(frontier, size, leaves[size : size + piece])
        size += piece
    one_by_one: list[bytes] = []
    for place, leaf in enumerate(leaves):
        rfc6962.append(one_by_one, place, leaf)
    assert frontier == one_by_one
    assert rfc6962.frontier_root(frontier) == by_definition(leaves)


@given(st.data())
def test_inclusion_holds_for_the_leaf_and_for_nothing_else(data):
    size = data.draw(st.integers(1, 200))
    index = data.draw(st.integers(0, size - 1))
    leaves = named(size)
    root = rfc6962.root_of(leaves)
    proof = rfc6962.inclusion_proof(rfc6962.levels_of(leaves), index)
    assert rfc6962.root_from_inclusion(leaves[index], index, size, proof) == root
    assert rfc6962.root_from_inclusion(b"x" * 32, index, size, proof) != root
    assert rfc6962.root_from_inclusion(leaves[index], index, size, [*proof, root]) != root
    if size > 1:
        other = (index + 1) % size
        assert rfc6962.root_from_inclusion(leaves[index], other, size, proof) != root
        assert rfc6962.root_from_inclusion(leaves[index], index, size, proof[:-1]) != root
    assert rfc6962.root_from_inclusion(leaves[index], size, size, proof) is None


@given(st.data())
def test_consistency_holds_only_between_a_tree_and_its_growth(data):
    new = data.draw(st.integers(1, 200))
    old = data.draw(st.integers(1, new))
    leaves = named(new)
    older, newer = rfc6962.root_of(leaves[:old]), rfc6962.root_of(leaves)
    proof = rfc6962.consistency_proof(leaves, old)
    assert rfc6962.is_consistent(old, new, older, newer, proof)
    assert not rfc6962.is_consistent(old, new, b"x" * 32, newer, proof)
    assert not rfc6962.is_consistent(old, new, older, b"x" * 32, proof)
    assert not rfc6962.is_consistent(old, new, older, newer, [*proof, newer])
    assert not rfc6962.is_consistent(0, new, older, newer, proof)
    if proof:
        assert not rfc6962.is_consistent(old, new, older, newer, proof[:-1])


@pytest.mark.parametrize(("size", "index"), [(0, 0), (3, 3), (3, -1)])
def test_there_is_no_proof_for_what_is_not_there(size, index):
    with pytest.raises(IndexError):
        rfc6962.inclusion_proof(rfc6962.levels_of(named(size)), index)


def test_there_is_no_consistency_with_nothing():
    with pytest.raises(IndexError):
        rfc6962.consistency_proof(named(3), 0)
