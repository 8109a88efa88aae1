#!/bin/sh
# prune-app.sh FOLDER: takes out of an installed app what only people who write code read: sources, types, documents, and
# the source maps of others. Licences stay, and so do the source maps of Hostler, for the places that errors name.
set -eu
cd "$1/node_modules"
rm -rf .bin @types @hostler/*/src
find . -type d \( -name test -o -name tests -o -name __tests__ -o -name benchmarks -o -name docs -o -name examples \) ! -path './@hostler/*' \
  ! -path '*/dist/*' ! -path '*/build/*' ! -path '*/lib/*' -prune -exec rm -rf {} +
find . \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.d.ts.map' \) -type f ! -path './@hostler/cli/templates/*' -delete
find . -name '*.map' -type f ! -path './@hostler/*' -delete
find . \( -iname '*.md' -o -name '*.markdown' -o -name '*.flow' -o -name '*.tsbuildinfo' \) -type f \
  ! -iname 'license*' ! -iname 'notice*' ! -path './@hostler/cli/templates/*' -delete
find . -type d -empty -delete
# The root of the workspace says how it was made, not what it is.
rm -f ../pnpm-lock.yaml ../pnpm-workspace.yaml
