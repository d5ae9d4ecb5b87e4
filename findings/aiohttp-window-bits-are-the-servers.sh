#!/usr/bin/env bash
# Library: aiohttp 3.8.4 (Debian python3-aiohttp)
#
# Guess: in ws_connect(url, compress=9) the number is the window, in bits, of what the client itself compresses: that is its memory, which
# a small device would like to save.
#
# Behaviour: it asks the server to use that window (server_max_window_bits=9) and keeps 15 bits for its own side, which is what
# connection.compress says afterwards.
#
# Why it matters: a server that deflates one update once for all its screens cannot use the common bytes for such a client, and has to
# compress for it alone. Whoever sets the option to be gentle makes the server's work the greater one.
set -euo pipefail

pinned=3.8.4
packages=(python3-aiohttp python3)
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
import asyncio

import aiohttp
from aiohttp import web

offers = []


async def accept(request):
    offers.append(request.headers.get('Sec-WebSocket-Extensions'))
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for _ in socket:
        pass
    return socket


async def main():
    app = web.Application()
    app.router.add_get('/', accept)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, '127.0.0.1', 0)
    await site.start()
    port = runner.addresses[0][1]
    bits = []
    async with aiohttp.ClientSession() as session:
        for compress in (0, 15, 9):
            async with session.ws_connect(f'http://127.0.0.1:{port}/', compress=compress) as socket:
                bits.append(socket.compress)
    await runner.cleanup()
    print('Guess:     compress=9 offers a window of 9 bits for what the client sends')
    print('Behaviour: it asks for a window of 9 bits in what the server sends')
    for compress, offer, own in zip((0, 15, 9), offers, bits):
        print('Seen:      compress', compress, 'offers', offer, 'and ends up with', own)
    assert offers == [None, 'permessage-deflate; client_max_window_bits',
                      'permessage-deflate; client_max_window_bits; server_max_window_bits=9'], offers
    assert bits == [0, 15, 15], bits


asyncio.run(main())
PY
/usr/bin/python3 check.py
