#!/usr/bin/env bash
# Library: jsonpatch 1.32 (Debian python3-jsonpatch)
#
# Guess: make_patch knows that JSON's 1 and true are different, for it says so where they are members of an object.
#
# Behaviour: as elements of an array they are equal, as they are in Python: no operation is made for 1 that becomes true, 0 that
# becomes false, or back.
#
# Why it matters: a list of switch positions that changes from numbers to booleans, or a mixed list of readings, stays as it was on
# every screen, with no error, until something else in it changes. What a Python server holds and what its clients hold differ.
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
import json
import jsonpatch

print('Guess:     [1, 0] that becomes [true, false] is a change')
print('Behaviour: it is none in an array, and two in an object')
in_array = jsonpatch.make_patch({'v': [1, 0]}, {'v': [True, False]}).patch
in_object = jsonpatch.make_patch({'a': 1, 'b': 0}, {'a': True, 'b': False}).patch
print('Seen:      array ', json.dumps(in_array))
print('           object', len(in_object), 'operations')
assert in_array == [], in_array
assert sorted((o['op'], o['path'], o['value']) for o in in_object) == [('replace', '/a', True), ('replace', '/b', False)], in_object
assert len(jsonpatch.make_patch({'v': [1, 0]}, {'v': [1, 2]}).patch) == 1
PY
/usr/bin/python3 check.py
