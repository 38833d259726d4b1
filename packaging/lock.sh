#!/bin/sh
# Pins the dependencies with hashes. What is pinned already stays, unless pyproject.toml forbids it:
# a second run leaves no diff. To take newer releases, delete requirements/*.txt first.
set -eu
uv=$1
# The machine's own trust store, where there is one: an office may have a proxy of its own.
certs=
[ ! -e /etc/ssl/certs/ca-certificates.crt ] || certs=--system-certs
compile() {
	out=$1
	shift
	"$uv" $certs pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --output-file "$out" "$@" >/dev/null
}
compile requirements/dev.txt pyproject.toml --all-extras --group dev --group build
compile requirements/build.txt --group build --constraint requirements/dev.txt
compile requirements/core.txt pyproject.toml --constraint requirements/dev.txt
compile requirements/field.txt pyproject.toml --extra field --constraint requirements/dev.txt
compile requirements/server.txt pyproject.toml --extra server --constraint requirements/dev.txt
compile packaging/assets.txt packaging/assets.in --no-deps
