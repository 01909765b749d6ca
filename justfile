# Short names for nox sessions; what follows a name goes to pytest.

default:
    @just --list

# Lint and layers
lint:
    nox -s lint

# Types
typecheck:
    nox -s typecheck

# The toolkit's own tests
tests *arguments:
    nox -s tests -- {{arguments}}

# Smoke checks against the embedded service
smoke *arguments:
    nox -s smoke -- {{arguments}}

# Each operation once, against the embedded service
smoke-quick *arguments:
    nox -s smoke-quick -- {{arguments}}

# Smoke checks against staging (SMOKE_BASE_URL or its row in pyproject.toml)
smoke-staging *arguments:
    nox -s smoke-staging -- {{arguments}}
