#!/usr/bin/env bash
# Library: pymodbus 3.0.0 (Debian python3-pymodbus)
#
# Guess: BinaryPayloadDecoder.fromRegisters(registers) without more reads what Modbus sends: big-endian registers, as the standard
# says. The registers themselves come right.
#
# Behaviour: the default is little-endian within each register, and big-endian between them. A register that holds 1 decodes to 256,
# and the usual float of 21.5 to another number. The builder has the same default, so that both together agree.
#
# Why it matters: 21.5 degrees round to 0.0 on the screen, which looks like a sensor and not like a fault of the reader. It shows first
# with somebody else's device; tests with one's own server pass. Give byteorder=Endian.Big each time.
set -euo pipefail

pinned=3.0.0
packages=(python3-pymodbus python3)
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
import struct

from pymodbus.constants import Endian
from pymodbus.payload import BinaryPayloadDecoder

registers = list(struct.unpack('>HH', struct.pack('>f', 21.5)))

print('Guess:     1 and 21.5')
print('Behaviour: the bytes of each register are swapped')
small = BinaryPayloadDecoder.fromRegisters([1]).decode_16bit_uint()
number = BinaryPayloadDecoder.fromRegisters(registers).decode_32bit_float()
right = BinaryPayloadDecoder.fromRegisters(registers, byteorder=Endian.Big).decode_32bit_float()
print('Seen:      default', small, number)
print('           big    ', BinaryPayloadDecoder.fromRegisters([1], byteorder=Endian.Big).decode_16bit_uint(), right)
assert small == 256, small
swapped = struct.unpack('>f', struct.pack('<HH', *registers))[0]
assert number == swapped != 21.5, number
assert right == 21.5, right
PY
/usr/bin/python3 check.py
