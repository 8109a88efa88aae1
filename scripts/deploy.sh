#!/usr/bin/env bash
# Puts an image into the Compose deployment, tests it, and goes back to the one before when it does not work.
#
# usage: deploy.sh [--check] [--smoke-key FILE] IMAGE@sha256:DIGEST
#
#   --check       looks whether it could be done, and changes nothing
#   --smoke-key   a file inside the container with a key of a consumer, with which the smoke test lists tools; by default
#                 /run/secrets/client-key
#
# The image is named by its digest, so that what runs is what was tested. The one before stays recorded for rollback.sh.
# HOSTLER_RELEASES, HOSTLER_SERVICE, HOSTLER_SMOKE_KEY, HOSTLER_START_TIMEOUT (120 s) and HOSTLER_PULL_TIMEOUT (600 s) and
# the variables of Docker Compose are heeded.
#
# Ends with 0: it runs. 1: it did not work, and the one before runs again. 2: nothing was begun. 3: it did not work, and
# neither does the one before.
set -euo pipefail
program=deploy
# shellcheck source-path=SCRIPTDIR source=compose-deployment.sh
. "$(dirname "$0")/compose-deployment.sh"

check=false image=''
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --check) check=true ;;
    --smoke-key) smoke_key=${2:?deploy: --smoke-key needs a file} && shift ;;
    -*) fail 2 "unknown option $1: deploy.sh --help" ;;
    *) [ -z "$image" ] || fail 2 "one image, not two" && image=$1 ;;
  esac
  shift
done
[ -n "$image" ] || fail 2 "which image? deploy.sh --help"
is_pinned "$image" || fail 2 "$image has no digest: docker buildx imagetools inspect $image tells it"
require_tools head tail
compose "" config --quiet || fail 2 "the Compose file cannot be used"
compose "" config --services | grep -qx "$service" || fail 2 "the Compose file has no service $service: set HOSTLER_SERVICE"

if $check; then
  have_image "$image" || timeout 60 docker manifest inspect "$image" >/dev/null 2>&1 || timeout 60 docker buildx imagetools inspect "$image" >/dev/null 2>&1 ||
    fail 2 "$image cannot be had: is the digest right, and are you logged in to its registry?"
  say "would replace $(running_image | grep . || echo nothing) by $image"
  exit 0
fi

lock_releases
before=$(running_image)
fetch_image "$image" || fail 2 "$image cannot be fetched: is the digest right, and are you logged in to its registry?"
say "starts $image"
if run_image "$image"; then
  [ "$before" = "$image" ] || [ -z "$before" ] || remember previous "$before"
  remember current "$image"
  note deployed "$image"
  say "runs $image"
  exit 0
fi

note failed "$image"
keep_log "$image"
if [ -z "$before" ] || [ "$before" = "$image" ]; then
  fail 3 "it does not work, and there is none before it to go back to"
fi
say "it does not work: goes back to $before"
if run_image "$before"; then
  remember current "$before"
  note restored "$before"
  fail 1 "$image does not work; $before runs again"
fi
note failed "$before"
fail 3 "neither $image nor $before works"
