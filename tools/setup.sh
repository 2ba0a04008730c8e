# tools/setup.sh — what ./cairn and ./test share: packages, llama.cpp, the build. Sourced by bash.
#
# Each stage checks first whether there is anything to do, so running again continues where it
# stopped. What is installed and built is said on standard error.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${CAIRN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cairn}
build=$root/build
logs=$cache/logs

# The pinned llama.cpp, inside a source package of Python; see docs/building.md.
llama_package=llama-cpp-python==0.3.36
llama_archive=llama_cpp_python-0.3.36.tar.gz
llama_sha256=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
llama_commit=0c1e570
llama_home=$cache/llama-$llama_commit-3 # the third way in which it is built

say() { printf 'cairn: %s\n' "$*" >&2; }
die() { # what failed, what to do
  say "$1."
  [ $# -lt 2 ] || say "$2."
  exit 1
}

# run_stage NAME REMEDY COMMAND…: output goes to a log; on failure its last lines are shown.
run_stage() {
  local name=$1 remedy=$2 log
  shift 2
  mkdir -p "$logs" || die "the folder $logs cannot be made" "Check its permissions and the room on the disk"
  log=$logs/$name.log
  if ! "$@" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    die "the step \"$name\" failed; its log is $log" "$remedy. Running again continues here"
  fi
}

wanted_packages() {
  local boost=libboost1.81-dev
  if [ -r /etc/os-release ] && grep -q '^ID=ubuntu' /etc/os-release; then boost=libboost1.83-dev; fi
  echo "g++ cmake ninja-build ccache git pkg-config python3 python3-pip $boost nlohmann-json3-dev" \
       "libcli11-dev libfmt-dev libsqlite3-dev libsimdjson-dev libcurl4-openssl-dev libzip-dev libssl-dev libre2-dev" \
       "libseccomp-dev bubblewrap libz3-4 libginac-dev" \
       "${extra_packages:-}"
}

install_packages() {
  command -v dpkg-query >/dev/null || return 0 # not a Debian: CMake says what is missing
  local missing=() package
  for package in $(wanted_packages); do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  # A pip of another Python serves as well as the package.
  if python3 -m pip --version >/dev/null 2>&1; then
    missing=($(printf '%s\n' "${missing[@]}" | grep -v -x python3-pip || true))
  fi
  [ ${#missing[@]} -gt 0 ] || return 0
  say "missing packages: ${missing[*]}"
  if [ "${CAIRN_INSTALL:-1}" = 0 ]; then die "CAIRN_INSTALL=0, so nothing is installed" "Install them and run again"; fi
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "they can be installed by root only, and there is no sudo" "Run as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing them"
  run_stage apt-update "Check the network and the package sources" \
    "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=120 update
  run_stage apt-install "Check the network, the room on the disk and that no other apt runs" \
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${missing[@]}"
}

# Does a C++ program find llama.cpp, with the calls that cairn makes?
llama_serves() { # extra CMake arguments
  cmake -S "$root/tools/probe_llama" -B "$cache/probe" -G Ninja "$@" && cmake --build "$cache/probe"
}

archive_is_right() { echo "$llama_sha256  $1" | sha256sum -c --status 2>/dev/null; }

# Runs inside a condition, where `set -e` does not hold: every line says what a failure means.
# pip builds metadata with tools that it may take ready-made: only the package itself must be source.
fetch_llama() {
  local work=$cache/download
  mkdir -p "$work" || return
  if ! archive_is_right "$work/$llama_archive"; then
    python3 -m pip download --no-deps --no-binary llama-cpp-python --no-cache-dir -d "$work" "$llama_package" || return
    archive_is_right "$work/$llama_archive" || { echo "$work/$llama_archive has another sha256 than $llama_sha256"; return 1; }
  fi
  rm -rf "$work/source" && mkdir -p "$work/source" &&
  tar xzf "$work/$llama_archive" -C "$work/source" --strip-components=3 --wildcards '*/vendor/llama.cpp/*'
}

# A static library without tools.
llama_options=("-DCMAKE_CXX_FLAGS=-include '$root/tools/llama_mends.h'"
  -DBUILD_SHARED_LIBS=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF
  -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_UI=OFF
  -DLLAMA_BUILD_APP=OFF -DGGML_OPENMP=OFF)

with_ccache() { ! command -v ccache >/dev/null || echo -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache; }

build_llama() {
  cmake -S "$cache/download/source" -B "$cache/llama-build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    "${llama_options[@]}" -DCMAKE_INSTALL_PREFIX="$llama_home.part" $(with_ccache) &&
  cmake --build "$cache/llama-build" &&
  cmake --install "$cache/llama-build" &&
  rm -rf "$llama_home" && mv "$llama_home.part" "$llama_home" &&
  rm -rf "$cache/llama-build" "$cache/download/source"
}

# Sets llama_flags: the CMake arguments with which find_package(llama) finds one that serves.
provide_llama() {
  llama_flags=()
  if [ ! -d "$llama_home" ]; then
    mkdir -p "$cache"
    if [ -e "$cache/llama-of-system" ] || llama_serves >/dev/null 2>&1; then
      touch "$cache/llama-of-system"
      return 0
    fi
    say "building llama.cpp $llama_commit once into $llama_home (some minutes)"
    run_stage llama-fetch "Check the network" fetch_llama
    run_stage llama-build "Check the log" build_llama
  fi
  llama_flags=(-DCMAKE_PREFIX_PATH="$llama_home")
}

# Is the program older than what decides how it is built? A folder's own time tells of files added and deleted.
program_is_stale() {
  [ -x "$build/cairn" ] && [ -e "$build/built" ] || return 0
  [ -n "$(find "$root/CMakeLists.txt" "$root/tools/embed.cmake" "$root/tools/setup.sh" "$root/include" "$root/src" "$root/recipes" \
    "$root/prompts" "$root/models" -newer "$build/built" -print -quit)" ]
}

# Twelve source files are compiled as one: g++ spends its time on the templates of headers, once for each.
together=(-DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=12)

build_program() { # build folder, targets…
  local folder=$1
  shift
  # What CMake found in another llama.cpp, of which it keeps more than a path, does not stay.
  if [ ${#llama_flags[@]} -gt 0 ] && ! grep -qsF "${llama_flags[0]#*=}/" "$folder/CMakeCache.txt"; then
    rm -f "$folder/CMakeCache.txt" "$folder/build.ninja"
  fi
  [ -e "$folder/build.ninja" ] || run_stage configure "Install what CMake misses" \
    cmake -S "$root" -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release "${together[@]}" "${llama_flags[@]}" "${cmake_flags[@]}"
  touch "$folder/building" # before the build: what is edited meanwhile is built the next time
  run_stage build "Mend the error above" cmake --build "$folder" --target "$@"
  mv "$folder/building" "$folder/built"
}

# One setup at a time: a second waits for the first.
lock_setup() {
  mkdir -p "$cache" || die "the folder $cache cannot be made" "Set CAIRN_CACHE to a folder you can write to"
  exec 9>"$cache/setup.lock"
  flock -n 9 || { say "waiting for another setup" && flock 9; }
}
