"""What scripts need of an installation is what the session of the command line offers."""

from commands.scripting import ScriptSession
from graph.scripting.session import Session


def test_the_session_of_the_command_line_has_all_of_it():
    wanted = {name for name in vars(Session) if not name.startswith("_")}
    assert wanted == {"registry", "files", "engine", "to_value", "own_copy", "progress"}
    assert wanted <= set(dir(ScriptSession))
