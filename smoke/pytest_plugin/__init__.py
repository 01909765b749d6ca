"""The pytest plugin: options, hooks, fixtures and the selection of checks."""

# Options of every run that we start: the plugin of schemathesis adds half a second to each start,
# and pytest-asyncio warns in a project that does not set the loop scope.
PLUGINS = ("-p", "no:schemathesis", "-o", "asyncio_default_fixture_loop_scope=session")
