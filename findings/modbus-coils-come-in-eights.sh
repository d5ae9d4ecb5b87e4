#!/usr/bin/env bash
# Library: modbus-serial 8.0.25 (npm)
#
# Guess: readCoils(0, 3) gives three values, as readHoldingRegisters(0, 3) does.
#
# Behaviour: it gives eight. Coils travel in whole bytes, and the padding of the last byte is handed out as coils that are off.
# readDiscreteInputs does the same.
#
# Why it matters: code that maps over what it read creates devices that do not exist, all of them off; a state made of several such
# blocks is shifted, so that names and values no longer belong together. Cut to the number that was asked for.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent modbus-serial@8.0.25 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.cjs <<'JS'
const assert = require('node:assert/strict')
const { once } = require('node:events')
const { createServer } = require('node:net')
const ModbusRTU = require('modbus-serial')

async function main () {
  const spare = createServer().listen(0, '127.0.0.1')
  await once(spare, 'listening')
  const { port } = spare.address()
  await new Promise((resolve) => spare.close(resolve))
  const server = new ModbusRTU.ServerTCP({
    getCoil: () => true,
    getDiscreteInput: () => true,
    getHoldingRegister: (address) => address
  }, { host: '127.0.0.1', port, unitID: 1 })
  await once(server, 'initialized')
  const client = new ModbusRTU()
  await client.connectTCP('127.0.0.1', { port })
  client.setID(1)

  console.log('Guess:     three coils')
  console.log('Behaviour: eight')
  const coils = (await client.readCoils(0, 3)).data
  const inputs = (await client.readDiscreteInputs(0, 9)).data
  const registers = (await client.readHoldingRegisters(0, 3)).data
  console.log('Seen:      3 coils    ', JSON.stringify(coils))
  console.log('           9 inputs   ', inputs.length, 'values')
  console.log('           3 registers', JSON.stringify(registers))
  assert.deepEqual(coils, [true, true, true, false, false, false, false, false])
  assert.equal(inputs.length, 16)
  assert.deepEqual(registers, [0, 1, 2])
  await new Promise((resolve) => client.close(resolve))
  await new Promise((resolve) => server.close(resolve))
}
main()
JS
node check.cjs
