#!/usr/bin/env bash
# Library: jsonpatch 1.32 (Debian python3-jsonpatch)
#
# Guess: applying make_patch(a, b) to a gives b. That is all that a diff promises.
#
# Behaviour: not where arrays are nested. A value that leaves an inner array and turns up in the outer one becomes a `move`, beside
# operations with indexes that do not fit it. Some of these patches cannot be applied; others apply without an error and give a third
# document.
#
# Why it matters: rows of a table, points of a curve and pages of a panel are arrays in arrays. A Python server that diffs them this
# way sends, once in a while, a state that it never had, and no library on the other side can notice.
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

print('Guess:     a + make_patch(a, b) is b')
print('Behaviour: where arrays are nested it may be a third document, or an error')

before, after = [0, [1], [1]], [1, [2], [1]]
patch = jsonpatch.make_patch(before, after)
result = patch.apply(before)
print('Seen:      from', json.dumps(before), 'to', json.dumps(after))
print('           patch', patch.to_string())
print('           gives', json.dumps(result))
assert result != after and result == [1, [2, 1], []], result

before, after = [0, [1]], [1, [2]]
try:
    raised = jsonpatch.make_patch(before, after).apply(before)
except Exception as error:
    raised = f'{type(error).__name__}: {error}'
print('           from', json.dumps(before), 'to', json.dumps(after), 'raises', raised)
assert isinstance(raised, str), raised

before, after = [0, 1, 1], [1, 2, 1]
assert jsonpatch.make_patch(before, after).apply(before) == after
PY
/usr/bin/python3 check.py
