/** fastify-juggler with views, `?view=half-N`: a half of the devices, another one for each N; `?view=hide-N`: all but a member of each. */
import { generator } from '../fixtures.ts'
import { serve } from './juggler.mjs'

const count = 100
const names = Array.from({ length: 1000 }, (_, i) => `device-${String(i).padStart(4, '0')}`)

const halves = Array.from({ length: count }, (_, i) => {
  const random = generator(100 + i)
  return [`half-${i}`, { allow: names.filter(() => random() < 0.5).map((name) => `/devices/${name}`) }]
})
const hiding = Array.from({ length: count }, (_, i) => [`hide-${i}`, { allow: ['/devices'], deny: ['/devices/*/status', `/for-${i}`] }])

export default serve({
  autoflushDelay: 1,
  view: ({ query }) => query.view ?? 'all',
  views: { all: { allow: ['/**'] }, ...Object.fromEntries([...halves, ...hiding]) }
})
