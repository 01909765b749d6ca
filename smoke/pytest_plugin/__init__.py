"""The pytest plugin: options, hooks, fixtures and the selection of checks."""

# Options of every run that we start: the plugin of schemathesis adds half a second to each start,
# pytest-asyncio warns in a project that does not set the loop scope, and pytest warns that we have
# imported our plugin before it could rewrite it. With `filterwarnings = error`, both are errors.
PLUGINS = (
    "-p", "no:schemathesis",
    "-o", "asyncio_default_fixture_loop_scope=session",
    "-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning",
)  # fmt: skip
