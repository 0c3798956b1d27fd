"""A page shows what it says: whatever a template fills in stands in the page that is drawn."""

from pathlib import Path

import pytest
from django.template.base import Node, VariableNode
from django.template.loader import get_template
from django.template.loader_tags import BlockNode, ExtendsNode

import bihuan

FOLDERS = sorted(Path(bihuan.__file__).parent.glob("*/templates"))
NAMES = [str(file.relative_to(at)) for at in FOLDERS for file in sorted(at.rglob("*.html"))]


def line_of(name):
    """Return the node lists of a template and of those it extends, nearest first."""
    line = []
    while name is not None:
        nodes = get_template(name).template.nodelist
        extends = nodes.get_nodes_by_type(ExtendsNode)
        line.append(extends[0].nodelist if extends else nodes)
        name = extends[0].parent_name.var if extends else None
    return line


def drawn(line):
    """Return the names of the blocks that stand in the page; the nearest filling of each wins."""
    fillings = {}
    for nodes in line:
        for block in nodes.get_nodes_by_type(BlockNode):
            fillings.setdefault(block.name, block)
    waiting, names = [block for block in line[-1] if isinstance(block, BlockNode)], set()
    while waiting:
        name = waiting.pop().name
        if name not in names:
            names.add(name)
            waiting += fillings[name].nodelist.get_nodes_by_type(BlockNode)
    return names


@pytest.mark.parametrize("name", NAMES)
def test_no_template_fills_in_what_is_never_drawn(name):
    line = line_of(name)
    if len(line) > 1:
        filled = {node.name for node in line[0] if isinstance(node, BlockNode)}
        lost = filled - drawn(line)
        assert not lost, f"{name} fills in {sorted(lost)}, which its page does not show"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_used_in_the_block_that_gives_it(name):
    """A block's `as` is forgotten at its end: elsewhere the name would be an empty address."""
    blocks = [node for node in line_of(name)[0] if isinstance(node, BlockNode)]
    given = {block.name: set(names_given(block)) for block in blocks}
    for block in blocks:
        others = set().union(*(names for other, names in given.items() if other != block.name))
        strange = (others - given[block.name]) & set(names_read(block))
        assert not strange, f"{name}: {sorted(strange)} in {block.name} is another block's"


def names_given(node):
    """Return the names that `{% … as name %}` gives in a node and below."""
    for it in node.nodelist.get_nodes_by_type(Node):
        for attribute in ("target_var", "asvar", "as_var"):
            if isinstance(given := getattr(it, attribute, None), str):
                yield given


def names_read(node):
    """Return the first names of what a node and those below print."""
    for it in node.nodelist.get_nodes_by_type(VariableNode):
        yield str(it.filter_expression.var).split(".", 1)[0]
