/** fastify-juggler with its defaults. */
import { serve } from './juggler.mjs'

export default serve({})
