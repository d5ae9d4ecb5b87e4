import t from 'tap'
import { joinPath, urlSegments } from '../../../lib/server/http/url-path.ts'

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
