#!/usr/bin/env bash
# From a fresh Debian 12 machine to a trained, saved model: installs the packages, builds, and runs
# a real search on UCI Letter Recognition (20,000 rows, 26 classes).
#
#   deploy/quickstart.sh             40 trials of 15 epochs on all cores
#   deploy/quickstart.sh --help
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $# -gt 0 ]]; then
  sed -n '2,6s/^# \{0,1\}//p' "$0"
  [[ $1 == -h || $1 == --help ]] && exit 0
  exit 2
fi

deploy/install_dependencies.sh
echo "Building (the first time takes some minutes) …"
configured=$(mktemp)
cmake --preset release >"$configured" 2>&1 || { cat "$configured" >&2; exit 1; }
rm -f "$configured"
ninja -C build/release --quiet caviar caviar-coordinator caviar-worker

mkdir -p caviar-data
directory=$(mktemp -d "caviar-data/quickstart-$(date +%Y%m%d-%H%M%S)-XXXX")
build/release/bin/caviar run deploy/quickstart.yaml --dir "$directory" \
  --model "$directory/best-model.safetensors"

cat <<END

Next:
  build/release/bin/caviar predict --model $directory/best-model.safetensors \\
      --data tests/data/letter-recognition.csv.gz | head
  build/release/bin/caviar run --data YOUR.csv --target COLUMN
END
