import t from 'tap'
import { joinPath, pathOfUrl, queryOfUrl, toAscii, urlSegments } from '../../../lib/server/http/url-path.ts'

t.test('paths are joined with one slash', async (t) => {
  t.equal(joinPath('', '/ws'), '/ws')
  t.equal(joinPath('/panel', '/ws'), '/panel/ws')
  t.equal(joinPath('/panel/', '/ws'), '/panel/ws')
  t.equal(joinPath('', '/'), '/')
})
t.test('the segments of a URL', async (t) => {
  t.same(urlSegments('/a/b%20c/%C3%BC.txt?x=/..#y', 1), ['a', 'b c', 'ü.txt'])
  t.same(urlSegments('/panel/a', 7), ['a'])
  t.same(urlSegments('/%2541', 1), ['%41'], 'decoded once')
  for (const url of ['/', '/a/', '/a//b', '/..', '/a/../b', '/%2e%2e/b', '/.', '/.git', '/a/.env', '/%2Egit', '/a%2Fb', '/a\\b', '/a%5Cb', '/a%00', '/%', '/%ff', '/c:', '/a%0a', '/a/?x']) {
    t.equal(urlSegments(url, 1), undefined, url)
  }
})

t.test('path and query of a request, whatever its form', async (t) => {
  for (const [url, path, query] of [
    ['/a?b=c', '/a', '?b=c'], ['/', '/', ''], ['http://host/a?b', '/a', '?b'], ['HTTPS://u@host:1', '', ''], ['//host/a', '//host/a', ''],
    ['/a#b?c', '/a', '?c'], ['/a?b#c', '/a', '?b'], ['/http://host/a', '/http://host/a', '']
  ] as const) t.same([pathOfUrl(url), queryOfUrl(url)], [path, query], url)
})

t.test('a URL as a header can hold it', async (t) => {
  t.equal(toAscii('/a b/ü%20?x'), '/a%20b/%C3%BC%20?x')
  t.equal(toAscii('/\ud800'), '/%EF%BF%BD')
})
