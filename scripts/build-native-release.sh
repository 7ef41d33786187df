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
