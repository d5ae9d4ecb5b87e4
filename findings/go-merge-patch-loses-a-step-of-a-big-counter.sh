#!/usr/bin/env bash
# Library: github.com/evanphx/json-patch 5.2.0 (Debian golang-github-evanphx-json-patch-dev)
#
# Guess: CreateMergePatch works on the bytes of two JSON documents, so that two different integers are a difference. The same
# library's `test` operation tells them apart.
#
# Behaviour: numbers are compared as float64. Two integers beyond 2^53 that round to the same float are equal, and the merge patch is
# empty.
#
# Why it matters: energy meters, odometers and counters of events in nanoseconds are 64-bit integers. Each step of one is lost on the
# way through a Go gateway until the float changes, while the JSON that goes in and out looks exact.
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

cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	jsonpatch "github.com/evanphx/json-patch/v5"
)

func check(what, want, got string, err error) {
	if err != nil || got != want {
		fmt.Println("Changed:  ", what, "gave", got, err)
		os.Exit(1)
	}
}

func main() {
	before, after := `{"pulses":9007199254740992}`, `{"pulses":9007199254740993}`
	fmt.Println("Guess:     the merge patch holds the new count")
	fmt.Println("Behaviour: it is empty, for both counts are one float64")
	patch, err := jsonpatch.CreateMergePatch([]byte(before), []byte(after))
	fmt.Printf("Seen:      %s to %s: %s\n", before, after, patch)
	check("the merge patch", `{}`, string(patch), err)

	patch, err = jsonpatch.CreateMergePatch([]byte(`{"pulses":1}`), []byte(`{"pulses":2}`))
	check("a small merge patch", `{"pulses":2}`, string(patch), err)

	test, err := jsonpatch.DecodePatch([]byte(`[{"op":"test","path":"/pulses","value":9007199254740993}]`))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if _, err := test.Apply([]byte(before)); err == nil {
		fmt.Println("Changed:   test no longer tells the two apart")
		os.Exit(1)
	}
	document, err := test.Apply([]byte(after))
	check("test of the same number", after, string(document), err)
}
GO
GO111MODULE=off GOFLAGS='' GOPATH=/usr/share/gocode GOCACHE="$folder/cache" go run main.go
