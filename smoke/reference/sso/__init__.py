"""Single sign-on through an OpenID Connect identity provider."""
