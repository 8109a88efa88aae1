#!/bin/sh
# Starts work on Hostler in its container: installs packages into the volume when the lockfile has changed, then runs `api`
# (from its sources, started again when one of them changes, with a debugger on 9229), `install` (nothing more), or any
# other command.
#
# HOSTLER_CONFIG   the configuration of `api`; docker/development/hostler.yaml
# INSPECT          address of the debugger; 0.0.0.0:9229, which compose publishes on 127.0.0.1 only
set -eu
cd /workspace
stamp=node_modules/.installed-lockfile
if ! cmp -s pnpm-lock.yaml "$stamp"; then
  pnpm install --frozen-lockfile --store-dir /pnpm/store
  cp pnpm-lock.yaml "$stamp"
fi

case "${1:-api}" in
  install) exit 0 ;;
  api)
    exec node --watch --watch-preserve-output --enable-source-maps --inspect="${INSPECT:-0.0.0.0:9229}" \
      --conditions=@hostler/source apps/api/src/main.ts "${HOSTLER_CONFIG:-docker/development/hostler.yaml}"
    ;;
  *) exec "$@" ;;
esac
