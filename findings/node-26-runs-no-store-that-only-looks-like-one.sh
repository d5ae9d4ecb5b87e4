#!/usr/bin/env bash
# Library: node:diagnostics_channel of Node 24.21.0 and 26.10.0, with @opentelemetry/api 1.9.1 and @opentelemetry/context-async-hooks 2.12.1 (npm)
#
# Guess: `bindStore` takes whatever has a `run` like AsyncLocalStorage: it works on every Node up to 24, and is how a tracer's context
# manager, which keeps its own storage to itself, is bound to a channel without reaching for private members.
#
# Behaviour: up to 24 the store's `run` is called, and the context holds in what the channel runs, behind awaits as well. Node 26 enters stores by
# another method: binding is accepted as before, and the first event that is published throws a TypeError into the code that publishes.
#
# Why it matters: an upgrade of Node turns a way of tracing requests into an exception in every traced request. Bind an AsyncLocalStorage, or
# enter the context by the manager's own `attach` between the events `start` and `end`.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --prefer-offline --silent node-24@npm:node@24.21.0 node-26@npm:node@26.10.0 @opentelemetry/api@1.9.1 @opentelemetry/context-async-hooks@2.12.1 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import { AsyncLocalStorage } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import { context, createContextKey } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const key = createContextKey('request')
const work = async () => {
  await new Promise(setImmediate)
  return context.active().getValue(key) ?? storage.getStore()
}
const storage = new AsyncLocalStorage()
const own = channel('own')
own.bindStore(storage, ({ name }) => name)
const alike = channel('alike')
alike.bindStore({ run: (active, next, ...rest) => context.with(active, next, undefined, ...rest) }, ({ name }) => context.active().setValue(key, name))
const seen = { own: await own.runStores({ name: 'a' }, work) }
try {
  seen.alike = await alike.runStores({ name: 'b' }, work)
} catch (error) {
  seen.alike = error.name
}
console.log(JSON.stringify(seen))
JS

echo 'Guess:     what has a run is a store, on either'
echo 'Behaviour: Node 26 throws when the channel is used'
for version in 24 26; do
  declare "seen_$version=$("node_modules/node-$version/bin/node" check.mjs)"
  name="seen_$version"
  echo "Seen:      Node $version: ${!name}"
done
[ "$seen_24" = '{"own":"a","alike":"b"}' ]
[ "$seen_26" = '{"own":"a","alike":"TypeError"}' ]
