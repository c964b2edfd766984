"""Documents of any kind: whatever refers to whatever, unfolding ends, and says where it cannot go on."""

from hypothesis import given
from hypothesis import strategies as st

from graph.api import Body
from graph.base.errors import WorkflowError
from graph.building.build import build
from graph.building.seeds import advance_seeds, count_up_fixed, moved_seeds
from graph.building.source_map import name_of
from graph.document.reader import parse
from graph.document.workflow import Mode, Node, Reference, Subworkflow, SubworkflowInput, SubworkflowOutput, Workflow
from graph.document.writer import dump
from graph.files.folders import Files
from tests.support.examples import examples
from tests.support.toys import toy_registry, type_from


def take(body: Body, x: int | None = None) -> int:
    """Take a body."""
    return 0


REGISTRY = toy_registry()
REGISTRY.add(type_from(take, id="Take"))
IDS = st.sampled_from(["1", "2", "3"])
NAMES = st.sampled_from(["a", "b", "gone"])
SOCKETS = st.sampled_from(["in0", "in1", "x", "y", "body", "INT"])
values = st.builds(Reference, IDS, SOCKETS) | st.integers(0, 2) | NAMES | st.none()
nodes = st.dictionaries(
    IDS,
    st.builds(
        Node,
        type=st.sampled_from(["Add", "Add", "Keep", "Take", "Gone", "@a", "@b", "@gone", "@"]),
        inputs=st.dictionaries(SOCKETS, values, max_size=3),
        mode=st.sampled_from([Mode.ACTIVE, Mode.ACTIVE, Mode.ACTIVE, Mode.MUTED, Mode.BYPASSED]),
    ),
    max_size=3,
)
definitions = st.builds(
    Subworkflow,
    nodes=nodes,
    inputs=st.lists(
        st.builds(SubworkflowInput, SOCKETS, st.lists(st.tuples(IDS, SOCKETS), max_size=2).map(tuple)), max_size=2
    ).map(tuple),
    outputs=st.lists(st.builds(SubworkflowOutput, SOCKETS, st.builds(Reference, IDS, SOCKETS)), max_size=2).map(tuple),
)
workflows = st.builds(Workflow, nodes=nodes, subworkflows=st.dictionaries(NAMES, definitions, max_size=2))


@examples(400)
@given(workflows, st.none() | st.lists(st.sampled_from(["1", "2", "1/1", "1/2/3", "9"]), max_size=2))
def test_every_document_is_a_graph_or_a_list_of_problems_that_can_be_found_on_the_canvas(workflow, targets):
    try:
        graph = build(workflow, REGISTRY, Files(), targets)
    except WorkflowError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.remedy
            assert "/" not in problem.node or problem.node.startswith("@") or problem.node in (targets or ())
            assert problem.node in {"", *workflow.nodes, *(targets or ())} or problem.node.startswith("@")
        return
    for path, call in graph.calls.items():
        assert path.split("/")[0] in workflow.nodes
        assert name_of(workflow, path)
        assert not call.type.id.startswith("@"), "nothing is left to unfold"


@examples(200)
@given(workflows)
def test_every_document_survives_being_saved_and_having_its_seeds_moved(workflow):
    assert parse(dump(workflow)) == workflow
    after = advance_seeds(count_up_fixed(workflow, REGISTRY), REGISTRY)
    assert moved_seeds(workflow, after) == {}, "there is no seed in it"
    assert after == workflow
