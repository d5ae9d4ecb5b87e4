#!/usr/bin/env bash
# Library: @hat-open/util 0.6.16 and json8-patch 1.0.6 (npm), hana 1.3.6 (Debian ruby-hana)
#
# Guess: after `copy` there are two values. RFC 6902 copies the value at one place to another, as an `add` of the same value would,
# and a later operation on the copy leaves the original alone.
#
# Behaviour: both places hold one object. An operation below the copy changes the original as well, in the same patch.
#
# Why it matters: "new device like that one, but with this name" is the natural use of `copy`, and it renames the old device too, on
# some screens only. @hat-open/util is the applier of the stock clients of the Juggler protocol: a server for them sends no `copy`.
set -euo pipefail

packages=(ruby-hana ruby)
pinned=1.3.6
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
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent @hat-open/util@0.6.16 json8-patch@1.0.6 fast-json-patch@3.1.1 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { patch as hat } from '@hat-open/util/patch.js'
import json8 from 'json8-patch'
import fast from 'fast-json-patch'

const patch = () => [
  { op: 'copy', from: '/pump1', path: '/pump2' },
  { op: 'replace', path: '/pump2/name', value: 'second' }
]
const state = () => ({ pump1: { name: 'first' } })

console.log('Guess:     pump1 stays "first", pump2 is "second"')
console.log('Behaviour: the copy is the same object, so both are "second"')
for (const [name, result] of [
  ['@hat-open/util', hat(patch(), state())],
  ['json8-patch', json8.apply(state(), patch()).doc]
]) {
  console.log('Seen:     ', name, JSON.stringify(result))
  assert.deepEqual(result, { pump1: { name: 'second' }, pump2: { name: 'second' } })
}
const neighbour = fast.applyPatch(state(), patch()).newDocument
console.log('           fast-json-patch, for comparison', JSON.stringify(neighbour))
assert.deepEqual(neighbour, { pump1: { name: 'first' }, pump2: { name: 'second' } })
JS
node check.mjs

cat > check.rb <<'RUBY'
require 'hana'
require 'json'

patch = Hana::Patch.new([
  { 'op' => 'copy', 'from' => '/pump1', 'path' => '/pump2' },
  { 'op' => 'replace', 'path' => '/pump2/name', 'value' => 'second' }
])
result = patch.apply({ 'pump1' => { 'name' => 'first' } })
puts "Seen:      hana #{JSON.generate(result)}"
abort 'Changed:   hana copies now' unless result == { 'pump1' => { 'name' => 'second' }, 'pump2' => { 'name' => 'second' } }
RUBY
ruby check.rb
