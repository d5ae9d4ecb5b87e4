/** The one client of the page, for every framework alike. */
import { connect } from 'fastify-juggler/client'

/** In development Vite passes /ws on to the server: see vite.config.js. */
export const plant = await connect('/ws')
