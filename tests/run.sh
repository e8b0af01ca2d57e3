#!/usr/bin/env bash
# Installs what the tests need, builds, and runs every test, ending in a table of time by suite.
#
#   tests/run.sh                     everything, on the release build
#   tests/run.sh --label unit        one kind: unit contract scenario simulation golden gradient
#                                    integration e2e tidy
#   tests/run.sh --preset asan       another build (CMakePresets.json)
#   tests/run.sh --regex NAME        only CTest entries whose name matches
set -euo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '2,8s/^# \{0,1\}//p' "$0"; }
preset=release
select=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    --preset | --label | --regex)
      [[ $# -ge 2 ]] || { echo "tests/run.sh: $1 needs a value" >&2; exit 2; }
      case "$1" in
        --preset) preset=$2 ;;
        --label) select+=(--label-regex "^$2\$") ;;
        --regex) select+=(--tests-regex "$2") ;;
      esac
      shift 2
      ;;
    -h | --help) usage; exit 0 ;;
    *) echo "tests/run.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
  esac
done

deploy/install_dependencies.sh test
started=$SECONDS
cmake --preset "$preset" >"build-configure.log" 2>&1 || { cat build-configure.log; exit 1; }
rm -f build-configure.log
ninja -C "build/$preset" --quiet
echo "Built build/$preset in $((SECONDS - started)) s"

# One entry at a time where tests start processes of their own: CTest knows by RUN_SERIAL.
ctest --test-dir "build/$preset" --parallel "$(nproc)" --output-on-failure --no-tests=error \
  "${select[@]}"
