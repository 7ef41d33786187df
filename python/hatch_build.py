"""Completes the wheel: the native library, and the modules that are generated from its registry."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))
import generate

# What scripts/build-native-release.sh links against.
GLIBC = "2_17"


class NativeLibrary(BuildHookInterface):
    """FINANCELAKE_RELEASE names the folder of the release build."""

    def initialize(self, version: str, build_data: dict) -> None:
        release = os.environ.get("FINANCELAKE_RELEASE")
        if not release:
            raise SystemExit("the wheel needs the native library; build it with scripts/dist.sh")
        suffix = ".dylib" if sys.platform == "darwin" else ".so"
        registry = subprocess.run(
            [Path(release, "financelake"), "functions", "--json"], check=True, stdout=subprocess.PIPE
        ).stdout
        self.folder = tempfile.TemporaryDirectory()
        included = build_data["force_include"]
        included[str(Path(release, f"libfinancelake{suffix}"))] = f"financelake/libfinancelake{suffix}"
        for name, text in generate.modules(registry).items():
            module = Path(self.folder.name, name.replace("/", "."))
            module.write_text(text, encoding="utf-8")
            included[str(module)] = f"financelake/{name}"
        included[str(Path(self.root, "../LICENSE"))] = "financelake/LICENSE"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform()}"

    def finalize(self, version: str, build_data: dict, artifact: str) -> None:
        self.folder.cleanup()


def platform() -> str:
    """The platform in the wheel's name."""
    here = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return here.replace("linux", f"manylinux_{GLIBC}", 1)
