"""The schemas of shapes: under their names, with what is sent required, and with the texts below their fields."""

from __future__ import annotations

from server.shapes import messages, models, node_types, runs
from server.shapes.schema import components, described, reference

FOUND = components([runs.Submission, runs.RunDetail, node_types.Catalogue, models.Models])


def test_what_is_received_may_lack_what_has_a_default_and_has_nothing_else() -> None:
    submission = FOUND["Submission"]
    assert submission["required"] == ["workflow"]
    assert submission["additionalProperties"] is False
    assert submission["properties"]["client"] == {"type": "string", "maxLength": 200, "default": ""}


def test_what_is_sent_has_all_but_what_may_be_left_out() -> None:
    assert FOUND["RunDetail"]["required"] == ["run", "nodes"]
    assert FOUND["QueueChanged"]["required"] == ["type", "seq", "order"]
    assert FOUND["NodeState"]["required"] == ["state"]


def test_unions_and_words_are_referred_to_by_their_names() -> None:
    assert FOUND["RunInfo"]["properties"]["status"] == {"$ref": "#/components/schemas/RunStatus"}
    assert FOUND["EventsHappened"]["properties"]["events"]["items"] == {"$ref": "#/components/schemas/RunEvent"}
    assert reference(messages.ServerMessage) == {"$ref": "#/components/schemas/ServerMessage"}
    assert FOUND["RunEvent"]["discriminator"]["mapping"]["node_started"] == "#/components/schemas/NodeStarted"


def test_the_text_below_a_field_is_its_description_also_of_one_that_is_inherited() -> None:
    assert FOUND["RunInfo"]["properties"]["position"]["description"].startswith("The place")
    assert described(messages.RunChanged)["properties"].keys() == {"type", "seq", "run"}
