#!/usr/bin/env python3
"""Uses the library in every way that is promised, as somebody else would.

    consumer.py --build BUILD --work DIR CASE...

BUILD is a build tree of the library; its compiler, flags and (with static and pkg_config) its library are used. Cases:

    static             install BUILD to a new prefix; find_package; run
    pkg_config         the same installation by pkg-config, compiled and header-only
    build_tree         find_package on BUILD itself, without an installation
    shared             add_subdirectory of the tree as a shared library; run
    shared_install     install that one; find_package and pkg-config; run
    fetch_content      FetchContent and the header-only target: two files, which shows a missing `inline`
    mixed_modes        objects of the two modes must not link; objects of one mode must
    headers            every public header compiles alone, by each compiler that is here
    header_only_rooms  every room's headers with their bodies compile alone, and link together
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]


class Failed(Exception):
    pass


class Consumer:
    def __init__(self, build, work):
        self.build = pathlib.Path(build).resolve()
        self.work = pathlib.Path(work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.cache = self._cache()
        self.cxx = self.cache["CMAKE_CXX_COMPILER"]
        self.jobs = os.cpu_count() or 2

    def _cache(self):
        lines = (self.build / "CMakeCache.txt").read_text().splitlines()
        return {m.group(1): m.group(2) for m in (re.match(r"([\w-]+):\w+=(.*)", line) for line in lines) if m}

    # ---- helpers ----

    def run(self, *command, env=None, cwd=None, fails=False):
        done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, cwd=cwd, env={**os.environ, **(env or {})})
        if (done.returncode != 0) != fails:
            print(done.stdout[-6000:])
            raise Failed(f"{'did not fail' if fails else 'failed'}: {shlex.join(map(str, command))[:2000]}")
        return done.stdout

    def program(self, name, how, link, *options, targets=("consumer",)):
        """Configures, builds and runs tests/consumer/program."""
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        keep = ["CMAKE_BUILD_TYPE", "CMAKE_CXX_COMPILER", "CMAKE_CXX_FLAGS", "CMAKE_EXE_LINKER_FLAGS", "CMAKE_CXX_COMPILER_LAUNCHER"]
        launcher = self.cache.get("CMAKE_CXX_COMPILER_LAUNCHER") or self.cache.get("DMLIB_CCACHE", "")
        values = {**{k: self.cache.get(k, "") for k in keep}, "CMAKE_CXX_COMPILER_LAUNCHER": "" if "NOTFOUND" in launcher else launcher}
        generator = ["-G", "Ninja"] if shutil.which("ninja") else []
        self.run("cmake", "-S", HERE / "program", "-B", folder, *generator, f"-DHOW={how}", f"-DLINK={link}",
                 *(f"-D{k}={v}" for k, v in values.items() if v), *options)
        self.run("cmake", "--build", folder, "-j", self.jobs, "--target", *targets)
        return folder

    def start(self, program, **kw):
        out = self.run(program, **kw)
        if "`o``rders`" not in out:
            raise Failed(f"{program} said {out!r}")

    def installed(self, build, name):
        prefix = self.work / name
        shutil.rmtree(prefix, ignore_errors=True)
        self.run("cmake", "--install", build, "--prefix", prefix)
        return prefix

    def pkg_config(self, prefix, module, libdirs):
        path = os.pathsep.join(str(p) for p in prefix.glob("lib*/**/pkgconfig"))
        # The .pc file was made for the configured prefix; pkg-config is told the one it stands in.
        out = self.run("pkg-config", f"--define-variable=prefix={prefix}", "--cflags", "--libs", module,
                       env={"PKG_CONFIG_PATH": path})
        program = self.work / f"pkg_config_{prefix.name}_{module}"
        self.compile([HERE / "program/main.cpp", HERE / "program/other.cpp"], program, shlex.split(out))
        self.start(program, env={"LD_LIBRARY_PATH": libdirs} if libdirs else None)

    def compile(self, sources, program, flags):
        """As a Makefile would: objects, then a link with all flags behind them."""
        cflags = [f for f in flags if not f.startswith(("-l", "-L", "-Wl"))]
        objects = [self.work / f"{program.name}_{s.stem}.o" for s in sources]
        jobs = [[*self.compiler(), "-std=c++20", "-O1", *cflags, "-c", s, "-o", o] for s, o in zip(sources, objects)]
        self.together(jobs)
        self.run(self.cxx, *objects, *[f for f in flags if f not in cflags], "-pthread", "-o", program)

    def compiler(self):
        launcher = self.cache.get("CMAKE_CXX_COMPILER_LAUNCHER") or self.cache.get("DMLIB_CCACHE", "")
        return ([launcher] if launcher and "NOTFOUND" not in launcher else []) + [self.cxx]

    def together(self, commands):
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            for job in [pool.submit(self.run, *c) for c in commands]:
                job.result()

    def dependency_flags(self):
        modules = ["fmt", "libmariadb", "re2", "libzstd", "zlib", "openssl", "yaml-cpp"]
        return shlex.split(self.run("pkg-config", "--cflags", *modules))

    # ---- cases ----

    def case_static(self):
        prefix = self.installed(self.build, "static_prefix")
        self.start(self.program("static", "find_package", "dmlib", f"-DCMAKE_PREFIX_PATH={prefix}") / "consumer")
        leftovers = [p for p in prefix.rglob("*") if p.suffix in (".cmake", ".pc") and str(ROOT) in p.read_text()]
        if leftovers:
            raise Failed(f"installed files name the source tree: {leftovers}")

    def case_pkg_config(self):
        prefix = self.installed(self.build, "static_prefix")
        self.pkg_config(prefix, "dmlib", "")

    def case_build_tree(self):
        self.start(self.program("build_tree", "find_package", "dmlib", f"-Ddmlib_DIR={self.build}") / "consumer")

    def case_shared(self):
        folder = self.program("shared", "add_subdirectory", "dmlib", f"-DDMLIB_TREE={ROOT}", "-DBUILD_SHARED_LIBS=ON", "-DDMLIB_INSTALL=ON")
        self.start(folder / "consumer")

    def case_shared_install(self):
        build = self.work / "shared"
        if not (build / "consumer").exists():
            self.case_shared()
        prefix = self.installed(build / "dmlib", "shared_prefix")
        libraries = [p for p in prefix.rglob("libdmlib.so*")]
        if not libraries or list(prefix.rglob("libdmlib.a")):
            raise Failed(f"the shared installation has {libraries}")
        self.start(self.program("shared_user", "find_package", "dmlib", f"-DCMAKE_PREFIX_PATH={prefix}") / "consumer")
        self.pkg_config(prefix, "dmlib", str(libraries[0].parent))

    def case_fetch_content(self):
        folder = self.program("fetch_content", "fetch_content", "dmlib_header_only", f"-DFETCHCONTENT_SOURCE_DIR_DMLIB={ROOT}")
        self.start(folder / "consumer")
        if list(folder.rglob("libdmlib.*")):
            raise Failed("the header-only program built the library")

    def case_mixed_modes(self):
        objects = {}
        flags = [f"-I{ROOT / 'include'}", *self.dependency_flags()]
        for name in ("main", "make"):
            for mode, extra in (("compiled", ["-DDMLIB_SEPARATE_COMPILATION"]), ("header_only", [])):
                objects[name, mode] = self.work / f"mixed_{name}_{mode}.o"
                self.run(*self.compiler(), "-std=c++20", *flags, *extra, "-c", HERE / f"mixed/{name}.cpp", "-o", objects[name, mode])
        library = next(iter(self.build.glob("libdmlib.*")), None)
        if not library:
            raise Failed(f"no library in {self.build}")
        libs = [library, *shlex.split(self.run("pkg-config", "--libs", "fmt", "libmariadb", "re2", "libzstd", "zlib", "openssl", "yaml-cpp"))]
        for main in ("compiled", "header_only"):
            for make in ("compiled", "header_only"):
                program = self.work / f"mixed_{main}_{make}"
                out = self.run(self.cxx, objects["main", main], objects["make", make], *libs, "-pthread", "-o", program, fails=main != make)
                if main == make:
                    self.run(program)
                elif "code_elsewhere" not in out:
                    raise Failed(f"the link failed for another reason: {out}")

    def public_headers(self):
        top = ROOT / "include"
        return [str(p.relative_to(top)) for p in sorted(top.rglob("*.hpp")) if "impl" not in p.parts and p.name != "src.hpp"]

    def compilers(self):
        """The build's own, and a clang where there is one."""
        clang = next((c for c in ("clang++-19", "clang++") if shutil.which(c)), None)
        if not clang and os.environ.get("CI", "").lower() in ("true", "1"):
            raise Failed("no clang++-19 here")
        return [self.cxx, *([clang] if clang and clang not in self.cxx else [])]

    def units(self, folder, files):
        """One file per set of headers; (name, path)."""
        out = self.work / folder
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        for name, headers in files.items():
            unit = out / (name + ".cpp")
            unit.write_text("".join(f"#include <{h}>\n" for h in headers))
            yield unit

    def case_headers(self):
        units = list(self.units("headers", {re.sub(r"\W", "_", h): [h] for h in self.public_headers()}))
        flags = ["-std=c++20", "-fsyntax-only", *WARNINGS, "-DDMLIB_SEPARATE_COMPILATION", f"-I{ROOT / 'include'}", *self.dependency_flags()]
        compilers = self.compilers()
        self.together([[cxx, *flags, unit] for unit in units for cxx in compilers])
        print(f"{len(units)} headers, {len(compilers)} compilers")

    def case_header_only_rooms(self):
        rooms = {"everything": self.public_headers()}
        for header in self.public_headers():
            rooms.setdefault(header.split("/")[1].removesuffix(".hpp"), []).append(header)
        # Backwards, so that a header does not live on what its neighbour happens to include.
        units = list(self.units("header_only_rooms", {r: hs[::-1] for r, hs in rooms.items()}))
        quiet = ["-Wno-restrict", "-Wno-maybe-uninitialized"] if "clang" not in self.cxx else []
        flags = ["-std=c++20", "-O0", "-fPIC", *WARNINGS, *quiet, f"-I{ROOT / 'include'}", *self.dependency_flags()]
        self.together([[*self.compiler(), *flags, "-c", unit, "-o", unit.with_suffix(".o")] for unit in units])
        # Linked together, each body is there at least twice: one without `inline` is an error, and so is one that is missing.
        libs = shlex.split(self.run("pkg-config", "--libs", "fmt", "libmariadb", "re2", "libzstd", "zlib", "openssl", "yaml-cpp"))
        self.run(self.cxx, "-shared", "-Wl,-z,defs", *(u.with_suffix(".o") for u in units), *libs, "-pthread",
                 "-o", self.work / "header_only_rooms.so")


def main():
    cases = [n[5:] for n in vars(Consumer) if n.startswith("case_")]
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", required=True)
    p.add_argument("--work", required=True)
    p.add_argument("case", nargs="*", choices=[[], *cases])
    args = p.parse_args()
    consumer = Consumer(args.build, args.work)
    for case in args.case or cases:
        try:
            getattr(consumer, "case_" + case)()
        except Failed as e:
            sys.exit(f"{case}: {e}")
        print(f"{case}: ok")


if __name__ == "__main__":
    main()
