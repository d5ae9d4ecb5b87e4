#!/usr/bin/env bash
# Library: jsonpatch 1.32 (Debian python3-jsonpatch)
#
# Guess: "-" has a meaning for arrays only (RFC 6901: the element after the last). In an object it is a name like any other, and
# `replace` works on it, as `add`, `remove`, `test`, `copy` and `move` do.
#
# Behaviour: `replace` of an object's member called "-" raises InvalidJsonPatch, although the object has it. The check looks at the
# last part of the path and not at what it points into.
#
# Why it matters: "-" is what many tables use as the key of "not assigned". The first device of that group is added without trouble;
# the first change of it fails on every client that applies patches with this library. `add` over it works everywhere.
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

cat > check.py <<'PY'
import jsonpatch


def apply(operation):
    try:
        return jsonpatch.apply_patch({'lines': {'-': 1}}, [operation])
    except jsonpatch.JsonPatchException as error:
        return f'{type(error).__name__}: {error}'


print('Guess:     the member "-" of an object can be replaced')
print('Behaviour: it is refused as if it pointed behind an array')
replaced = apply({'op': 'replace', 'path': '/lines/-', 'value': 2})
print('Seen:      replace', replaced)
assert isinstance(replaced, str) and replaced.startswith('InvalidJsonPatch'), replaced
added = apply({'op': 'add', 'path': '/lines/-', 'value': 2})
print('           add    ', added)
assert added == {'lines': {'-': 2}}, added
assert apply({'op': 'remove', 'path': '/lines/-'}) == {'lines': {}}
PY
/usr/bin/python3 check.py
