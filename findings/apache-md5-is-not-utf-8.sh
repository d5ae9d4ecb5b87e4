#!/usr/bin/env bash
# Library: apache-md5 1.1.8 (npm), beside openssl
#
# Guess: a password is hashed as its UTF-8 bytes, so that a line that htpasswd or openssl wrote lets the same password in.
#
# Behaviour: apache-md5 hashes one byte for each character of the string, not its UTF-8 bytes. A password with a character beyond ASCII
# has another hash than everywhere else.
#
# Why it matters: an operator's password "Küche" works in front of the plant's Apache and not in the Node dashboard that reads the same
# file, or the other way round. Buffer.from(password).toString('latin1') as its input gives the common hash.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent apache-md5@1.1.8 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

if ! command -v openssl >/dev/null; then echo 'Missing: the program openssl' >&2; exit 2; fi

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import md5 from 'apache-md5'

const openssl = (password) => execFileSync('openssl', ['passwd', '-apr1', '-salt', 'abcdefgh', password], { encoding: 'utf8' }).trim()
const own = (password) => md5(password, '$apr1$abcdefgh$')

console.log('Guess:     both programs give one hash')
console.log('Behaviour: only for ASCII')
for (const password of ['kitchen', 'Küche']) {
  console.log('Seen:     ', password.padEnd(7), own(password), openssl(password))
}
assert.equal(own('kitchen'), openssl('kitchen'))
assert.notEqual(own('Küche'), openssl('Küche'))
assert.equal(own(Buffer.from('Küche').toString('latin1')), openssl('Küche'))
JS
node check.mjs
