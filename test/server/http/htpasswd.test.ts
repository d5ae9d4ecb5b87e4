import t from 'tap'
import { dummyHash, parseHtpasswd } from '../../../lib/server/http/htpasswd.ts'
import { passwordMatches } from '../../../lib/server/http/password-check.ts'

const apr1 = '$apr1$B8ueOUdm$ai/iFvAvd0/Pei2yxRIPt/'
const sha = '{SHA}Jgh6CSVTz/JUbGE8cxNDFMQlbrY='
const bcrypt = '$2y$05$LTCD24fwPi2xdxbeuBsRKOcj0V49JjJU5QEQGO0zxJw/6qpUb2Fli'

t.test('takes the forms of htpasswd', async (t) => {
  const users = parseHtpasswd(Buffer.from(`a:${apr1}\nb:${sha}\nc:${bcrypt}\nd:${bcrypt.replace('2y', '2b')}\ne:${bcrypt.replace('2y', '2a')}\n`))
  t.same([...users].map(([user, hash]) => [user, hash.form]), [['a', 'apr1'], ['b', 'sha1'], ['c', 'bcrypt'], ['d', 'bcrypt'], ['e', 'bcrypt']])
})

t.test('ignores comments, blank lines, outer space, CRLF and a byte order mark', async (t) => {
  const users = parseHtpasswd(Buffer.from(`\uFEFFann:${apr1}\r\n\r\n# a comment: with a colon\r\n   \t\r\n  bob:${sha}  \r\n`))
  t.same([...users.keys()], ['ann', 'bob'])
  t.equal(users.get('bob')?.text, sha)
})

t.test('the last line of a user counts', async (t) => {
  const users = parseHtpasswd(Buffer.from(`ann:${sha}\nann:${apr1}\n`))
  t.equal(users.size, 1)
  t.equal(users.get('ann')?.text, apr1)
})

t.test('what stands behind a second colon is a comment, as for Apache and nginx', async (t) => {
  const users = parseHtpasswd(Buffer.from(`ann:${apr1}:Ann, shift 2\nbob:${sha} :x:y\ncem:${bcrypt}:\n`))
  t.same([...users].map(([user, { text }]) => [user, text]), [['ann', apr1], ['bob', sha], ['cem', bcrypt]])
})

t.test('a user name has at most 256 bytes', async (t) => {
  t.equal(parseHtpasswd(Buffer.from(`${'ü'.repeat(128)}:${sha}`)).size, 1)
  t.throws(() => parseHtpasswd(Buffer.from(`# x\n${'ü'.repeat(128)}x:${sha}`)), { code: 'FST_JUGGLER_HTPASSWD_INVALID', message: /line 2 has a user name of over 256 bytes/ })
})

t.test('UTF-16, as Windows writes it, and damaged files are told apart', async (t) => {
  const text = `ann:${sha}\nbob:${apr1}\n`
  const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16()
  for (const bytes of [Buffer.from(`\uFEFF${text}`, 'utf16le'), Buffer.from(text, 'utf16le'), swapped(Buffer.from(`\uFEFF${text}`, 'utf16le')), swapped(Buffer.from(text, 'utf16le'))]) {
    t.throws(() => parseHtpasswd(bytes), { code: 'FST_JUGGLER_HTPASSWD_INVALID', message: /line 1 is UTF-16; save the file as UTF-8/ })
  }
  t.throws(() => parseHtpasswd(Buffer.from(`${text}cem:\0\0`)), { code: 'FST_JUGGLER_HTPASSWD_INVALID', message: /line 3 holds a NUL byte/ })
})

t.test('an empty file has no users', async (t) => {
  t.equal(parseHtpasswd(Buffer.alloc(0)).size, 0)
  t.equal(parseHtpasswd(Buffer.from('# nobody\n')).size, 0)
})

t.test('user names are UTF-8, and Latin-1 in files that are not', async (t) => {
  t.same([...parseHtpasswd(Buffer.from(`jürgen:${sha}\n`)).keys()], ['jürgen'])
  t.same([...parseHtpasswd(Buffer.from(`jürgen:${sha}\n`, 'latin1')).keys()], ['jürgen'])
})

t.test('users called like members of Object.prototype are users', async (t) => {
  const users = parseHtpasswd(Buffer.from(`__proto__:${sha}\nconstructor:${apr1}\n`))
  t.same([...users.keys()], ['__proto__', 'constructor'])
})

const refused: ReadonlyArray<readonly [string, RegExp]> = [
  ['nocolon', /line 2 has no ':'/],
  [`:${sha}`, /line 2 has no user name/],
  ['ann:', /line 2 holds no hash/],
  ['ann:secretpassword', /line 2 holds a DES crypt hash or a plain password|line 2 holds a plain password/],
  ['ann:s', /line 2 holds a plain password/],
  ['ann:rqXexS6ZhobKA', /line 2 holds a DES crypt hash/],
  [`ann:${bcrypt.replaceAll('$', '$$$$')}`, /line 2 holds a hash whose '\$' are doubled, as compose files need them/],
  [`ann:${apr1.replaceAll('$', '$$$$')}`, /line 2 holds a hash whose '\$' are doubled/],
  ['ann:$1$salt$qJH7.N4xYta3aEG/dfqo/0', /line 2 holds an MD5 crypt hash \(\$1\$\)/],
  ['ann:$5$salt$Gcm6FsVtF/Qa77ZKD.iwsJlCVPY0XSMgLJL0Hnww/c1', /line 2 holds a SHA-256 crypt hash/],
  ['ann:$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.', /line 2 holds a SHA-512 crypt hash/],
  ['ann:$y$j9T$AAAA$BBBB', /line 2 holds a yescrypt hash/],
  ['ann:$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA', /line 2 holds an Argon2 hash/],
  ['ann:{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', /line 2 holds a salted SHA-1 hash/],
  ['ann:{MD5}W6ph5Mm5Pz8GgiULbPgzGw==', /line 2 holds a hash in an LDAP form/],
  ['ann:$2x$05$LTCD24fwPi2xdxbeuBsRKOcj0V49JjJU5QEQGO0zxJw/6qpUb2Fli', /line 2 holds a bcrypt hash of an unknown version/],
  ['ann:$2y$05$LTCD24fwPi2xdxbeuBsRKO', /line 2 holds a damaged bcrypt hash/],
  ['ann:$apr1$toolongsalt$ai/iFvAvd0/Pei2yxRIPt/', /line 2 holds a damaged \$apr1\$ hash/],
  ['ann:{SHA}short=', /line 2 holds a damaged \{SHA\} hash/],
  [`ann:${bcrypt.replace('$05$', '$17$')}`, /line 2 holds a bcrypt hash of cost 17; 4 to 14 are taken/],
  [`ann:${bcrypt.replace('$05$', '$03$')}`, /line 2 holds a bcrypt hash of cost 3/]
]

for (const [line, message] of refused) {
  t.test(`refuses ${line.slice(0, 20)}`, async (t) => {
    let error: Error & { code?: string } = new Error('nothing thrown')
    try {
      parseHtpasswd(Buffer.from(`# first\n${line}\n`))
    } catch (caught) {
      error = caught as Error
    }
    t.equal(error.code, 'FST_JUGGLER_HTPASSWD_INVALID')
    t.match(error.message, message)
    const secret = line.slice(line.indexOf(':') + 1)
    if (secret.length > 5) t.notOk(error.message.includes(secret), 'the hash is not in the message')
  })
}

t.test('the dummy is as costly as most hashes, and no password has it', async (t) => {
  const dummyOf = (...hashes: string[]) => dummyHash(parseHtpasswd(Buffer.from(hashes.map((hash, i) => `u${i}:${hash}`).join('\n'))))
  t.equal(dummyOf().form, 'sha1')
  t.equal(dummyOf(apr1, sha, apr1).form, 'apr1')
  t.equal(dummyOf(sha, sha, apr1).form, 'sha1')
  t.match(dummyOf(bcrypt, bcrypt.replace('$05$', '$06$'), bcrypt.replace('$05$', '$06$')).text, /^\$2b\$06\$/)
  for (const dummy of [dummyOf(), dummyOf(apr1), dummyOf(bcrypt)]) {
    t.ok(parseHtpasswd(Buffer.from(`x:${dummy.text}`)).has('x'), 'it is well-formed, so checking it takes its full time')
    for (const password of ['', 'x', 'password']) t.notOk(passwordMatches(password, dummy))
  }
})
