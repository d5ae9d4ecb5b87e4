#!/usr/bin/env bash
# Library: immutable-json-patch 6.0.3 (npm) and jsonpatch 1.32 (Debian python3-jsonpatch)
#
# Guess: "-" has a meaning for arrays only (RFC 6901: the element after the last). In an object it is a name like any other.
#
# Behaviour: both look at the last part of the path and not at what it points into. jsonpatch raises InvalidJsonPatch for `replace`, and
# works for the other operations. immutable-json-patch takes the name for the length of the object, which has none: `add` writes a
# member called "undefined", `replace` and `remove` do nothing, and it reports none of that.
#
# Why it matters: "-" is what many tables use as the key of "not assigned". The first device of that group appears, and its first change
# fails on the Python clients; a panel in the browser shows a group "undefined" instead, or old values. `add` over the member
# instead of `replace` helps the one and not the other.
set -euo pipefail

pinned=1.32
packages=(python3-jsonpatch python3)
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
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent immutable-json-patch@6.0.3 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.py <<'PY'
import jsonpatch


def apply(operation):
    try:
        return jsonpatch.apply_patch({'lines': {'-': 1}}, [operation])
    except jsonpatch.JsonPatchException as error:
        return f'{type(error).__name__}: {error}'


print('Guess:     the member "-" of an object is added over, replaced, removed')
print('Behaviour: it is taken for the end of an array')
replaced = apply({'op': 'replace', 'path': '/lines/-', 'value': 2})
print('Seen:      jsonpatch replace:', replaced)
assert isinstance(replaced, str) and replaced.startswith('InvalidJsonPatch'), replaced
assert apply({'op': 'add', 'path': '/lines/-', 'value': 2}) == {'lines': {'-': 2}}
assert apply({'op': 'remove', 'path': '/lines/-'}) == {'lines': {}}
PY
/usr/bin/python3 check.py

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { immutableJSONPatch } from 'immutable-json-patch'

const apply = (operation) => immutableJSONPatch({ lines: { '-': 1 } }, [operation])
const expected = {
  add: { lines: { '-': 1, undefined: 2 } },
  replace: { lines: { '-': 1 } },
  remove: { lines: { '-': 1 } }
}
for (const [op, document] of Object.entries(expected)) {
  const result = apply({ op, path: '/lines/-', value: 2 })
  console.log(`Seen:      immutable-json-patch ${op}:`, JSON.stringify(result))
  assert.deepEqual(result, document)
}
assert.deepEqual(apply({ op: 'copy', from: '/lines/-', path: '/lines/a' }), { lines: { '-': 1, a: 1 } })
assert.deepEqual(immutableJSONPatch([1], [{ op: 'add', path: '/-', value: 2 }]), [1, 2])
JS
node check.mjs
