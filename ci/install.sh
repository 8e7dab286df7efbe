#!/usr/bin/env bash
# Installs this copy of vidbuild. VIDBUILD_EXTRAS: extras with commas.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
extras=${VIDBUILD_EXTRAS:-}
if [[ ! $extras =~ ^[a-z0-9,]*$ ]]; then
  echo "error: extras are names with commas, not $(printf %q "$extras")" >&2
  exit 2
fi
python -m pip install --quiet --disable-pip-version-check "$here${extras:+[$extras]}"
vidbuild --version
