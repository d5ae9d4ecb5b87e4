#!/usr/bin/env bash
# Library: rfc6902 5.4.0 (npm) and github.com/evanphx/json-patch 5.2.0 (Debian golang-github-evanphx-json-patch-dev)
#
# Guess: {"op":"replace","path":"","value":…} replaces the whole document. RFC 6901 says that the empty pointer is the whole
# document, RFC 6902 gives the operation no exception, and rfc6902 calls itself a complete implementation.
#
# Behaviour: both treat the root as a member that is missing. rfc6902 throws nothing: it returns a MissingError in the list of
# results and leaves the document as it was. Go's library returns an error from Apply. `add` with the same path fails as well.
#
# Why it matters: this operation is how a server that syncs by JSON Patch sends the first state of a connection, and every state
# after that which is cheaper whole. A screen built on rfc6902 stays empty without a word; its author has to take the value by hand.
set -euo pipefail

pinned=5.2.0
packages=(golang-github-evanphx-json-patch-dev golang-go)
for package in "${packages[@]}"; do
  if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" != installed ]; then
    if [ "$(id -u)" != 0 ]; then echo "Missing: the Debian package $package; install it as root" >&2; exit 2; fi
    apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends "$package" >/dev/null ||
      { echo "Missing: the Debian package $package could not be installed" >&2; exit 2; }
  fi
done
version=$(dpkg-query -W -f '${Version}' "${packages[0]}")
case "$version" in "$pinned"-*) ;; *) echo "Missing: ${packages[0]} $pinned; this is $version" >&2; exit 2 ;; esac

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent rfc6902@5.4.0 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { applyPatch } from 'rfc6902'

console.log('Guess:     replacing "" puts the value in the place of the whole document')
console.log('Behaviour: the operation fails; rfc6902 only says so in what it returns')
for (const op of ['replace', 'add']) {
  const state = { temperature: 20 }
  const results = applyPatch(state, [{ op, path: '', value: { temperature: 21 } }])
  console.log(`Seen:      rfc6902 ${op} "": state ${JSON.stringify(state)}, result ${results[0]?.name}`)
  assert.deepEqual(state, { temperature: 20 })
  assert.equal(results[0].name, 'MissingError')
}
const state = { temperature: 20 }
assert.deepEqual(applyPatch(state, [{ op: 'replace', path: '/temperature', value: 21 }]), [null])
assert.deepEqual(state, { temperature: 21 })
JS
node check.mjs

cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	jsonpatch "github.com/evanphx/json-patch/v5"
)

func apply(patch string) (string, error) {
	decoded, err := jsonpatch.DecodePatch([]byte(patch))
	if err != nil {
		fmt.Println("the patch itself was refused:", err)
		os.Exit(1)
	}
	document, err := decoded.Apply([]byte(`{"temperature":20}`))
	return string(document), err
}

func main() {
	for _, op := range []string{"replace", "add"} {
		document, err := apply(`[{"op":"` + op + `","path":"","value":{"temperature":21}}]`)
		fmt.Printf("Seen:      Go %s \"\": %v\n", op, err)
		if err == nil || document != "" {
			fmt.Println("Changed:   it was applied:", document)
			os.Exit(1)
		}
	}
	if document, err := apply(`[{"op":"replace","path":"/temperature","value":21}]`); err != nil || document != `{"temperature":21}` {
		fmt.Println("a plain replace failed:", document, err)
		os.Exit(1)
	}
}
GO
GO111MODULE=off GOFLAGS='' GOPATH=/usr/share/gocode GOCACHE="$folder/cache" go run main.go
