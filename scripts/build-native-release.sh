#!/usr/bin/env bash
# Builds the libraries and the command line as they are released, and prints the path of the JVM's library; the C
# library and the command line lie beside it. On Linux they are linked against glibc 2.17 by zig, which the registry of
# Python packages has, so that they run on every distribution since 2014.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

host=$(rustc -vV | awk '$1 == "host:" {print $2}')
target_dir=${CARGO_TARGET_DIR:-target}
# Where the build happened is nobody's business, and two builders get the same bytes.
RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$PWD=financelake"
RUSTFLAGS+=" --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
export RUSTFLAGS CARGO_PROFILE_RELEASE_STRIP=debuginfo

packages=(-p financelake-jni -p financelake-capi -p financelake-cli)
case $host in
  *-linux-gnu)
    scripts/fetch-tools.sh release >&2
    # librdkafka's configure asks CC and CXX what glibc has, and would otherwise be answered by this machine's.
    # It also links a shared library, whose list of symbols has one that zig's linker does not find.
    mkdir -p "$target_dir/zig"
    for language in cc c++; do
      printf '#!/bin/sh\nexec cargo-zigbuild zig %s -- -target %s-linux-gnu.2.17 "$@"\n' "$language" "${host%%-*}" \
        >"$target_dir/zig/$language"
      chmod +x "$target_dir/zig/$language"
    done
    CC=$(realpath "$target_dir/zig/cc") CXX=$(realpath "$target_dir/zig/c++") LDFLAGS=-Wl,--undefined-version \
      PATH=$PWD/.tools/release/bin:$PATH cargo zigbuild --locked --release --target "$host.2.17" \
      "${packages[@]}" >&2
    library=libfinancelake_jni.so
    ;;
  *-darwin)
    cargo build --locked --release --target "$host" "${packages[@]}" >&2
    library=libfinancelake_jni.dylib
    ;;
  *)
    echo "build-native-release.sh: no release is defined for $host" >&2
    exit 2
    ;;
esac
realpath "$target_dir/$host/release/$library"
