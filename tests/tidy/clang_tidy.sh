#!/usr/bin/env bash
# Every source file passes .clang-tidy's allow-list. Reads the compile commands of a build.
#
#   tests/tidy/clang_tidy.sh [BUILD_DIRECTORY]      default build/clang
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build/clang}
[[ -f $build/compile_commands.json ]] || cmake --preset clang >/dev/null
git ls-files 'common/*.cc' 'coordinator/*.cc' 'worker/*.cc' 'client/*.cc' |
  xargs -P "$(nproc)" -n 4 clang-tidy-14 -p "$build" --quiet 2> >(grep -vE '^[0-9]+ warnings? ' >&2)
