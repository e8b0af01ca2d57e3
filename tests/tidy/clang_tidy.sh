#!/usr/bin/env bash
# Every source file passes .clang-tidy's allow-list. Reads the compile commands of a build; where that
# is a unity build, whole batches of files at once, which parses their headers once.
#
#   tests/tidy/clang_tidy.sh [BUILD_DIRECTORY]      default build/clang (made if it is not there)
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build/clang}
if [[ ! -f $build/compile_commands.json ]]; then
  cmake --preset clang >/dev/null
  ninja -C build/clang --quiet caviar_proto  # generated headers
fi
python3 - "$build" <<'END' |
import json, os, re, sys
for entry in json.load(open(sys.argv[1] + "/compile_commands.json")):
    folder = os.path.relpath(entry["file"], os.getcwd()).removeprefix(sys.argv[1] + "/")
    if re.match("(common|coordinator|worker|client)/", folder): print(entry["file"])
END
  sort -u | xargs -P "$(nproc)" -n 1 clang-tidy-14 -p "$build" --quiet \
    2> >(grep -vE '^[0-9]+ warnings? |^Suppressed|^Use -header' >&2)
