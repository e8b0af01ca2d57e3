#!/usr/bin/env bash
# Every C++ file is as clang-format writes it (.clang-format).
set -euo pipefail
cd "$(dirname "$0")/../.."
git ls-files -co --exclude-standard '*.h' '*.cc' | xargs clang-format-14 --dry-run --Werror
