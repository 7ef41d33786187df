#!/usr/bin/env bash
# Checks what a released Linux library promises: it exports its entry points (JNI's, or those of financelake.h) and
# nothing else, none of the test faults, needs glibc 2.17 at most, and no library beyond glibc's own (no C++).
#
#   scripts/check-native-library.sh LIBRARY
set -euo pipefail

library=${1:-}
if [ ! -f "$library" ]; then
  echo "usage: scripts/check-native-library.sh LIBRARY; '$library' is not a file" >&2
  exit 2
fi
for tool in nm objdump readelf; do
  command -v "$tool" >/dev/null ||
    { echo "check-native-library.sh: '$tool' is missing (Debian: binutils)" >&2; exit 2; }
done
case ${library##*/} in
  libfinancelake_jni.*) entry='Java_io_financelake_jni_|JNI_OnLoad$|JNI_OnUnload$' ;;
  *) entry='financelake_' ;;
esac
faults=()

exported=$(nm --dynamic --defined-only "$library" | awk '{print $NF}')
foreign=$(grep -Ev "^($entry)" <<<"$exported" || true)
[ -z "$foreign" ] || faults+=("exports symbols that are not its own: $(head -5 <<<"$foreign" | paste -sd' ')")
grep -Eq "^($entry)" <<<"$exported" || faults+=("exports no entry point")
! grep -q 'FaultInjection' <<<"$exported" || faults+=("contains the faults of the tests")

newest=$(objdump -T "$library" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -n 1)
floor=GLIBC_2.17
[ "$(printf '%s\n' "${newest:-$floor}" "$floor" | sort -V | tail -n 1)" = "$floor" ] ||
  faults+=("needs $newest; 2.17 is the limit")

allowed='^(libc|libm|libdl|libpthread|librt|ld-linux-.*)\.so\.[0-9]+$'
needed=$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
extra=$(grep -Ev "$allowed" <<<"$needed" | grep -v '^libgcc_s\.so\.1$' || true)
[ -z "$extra" ] || faults+=("needs $(paste -sd' ' <<<"$extra")")

if [ ${#faults[@]} -gt 0 ]; then
  printf '%s\n' "${faults[@]/#/${library##*/} }" >&2
  exit 1
fi
echo "${library##*/}: $(wc -l <<<"$exported") entry points, needs ${newest:-no glibc version}, $(paste -sd' ' <<<"$needed")"
