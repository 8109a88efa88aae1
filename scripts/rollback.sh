#!/usr/bin/env bash
# Goes back to the image that was deployed before, or to one that is named.
#
# usage: rollback.sh [--check] [--smoke-key FILE] [IMAGE@sha256:DIGEST]
#
#   --check       says what would be done, and changes nothing
#   --smoke-key   as of deploy.sh
#
# Without an image it is the one that deploy.sh has replaced. A second time goes forth again. The image has to be on this
# machine or in its registry. HOSTLER_RELEASES and the other variables of deploy.sh are heeded.
#
# Ends with 0: it runs. 1: it does not work, and the one from which you came runs again. 2: nothing was begun. 3: neither works.
set -euo pipefail
program=rollback
# shellcheck source-path=SCRIPTDIR source=compose-deployment.sh
. "$(dirname "$0")/compose-deployment.sh"

check=() image=''
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --check) check=(--check) ;;
    --smoke-key) export HOSTLER_SMOKE_KEY=${2:?rollback: --smoke-key needs a file} && shift ;;
    -*) fail 2 "unknown option $1: rollback.sh --help" ;;
    *) [ -z "$image" ] || fail 2 "one image, not two" && image=$1 ;;
  esac
  shift
done
image=${image:-$(recorded previous)}
[ -n "$image" ] || fail 2 "none was recorded before ($releases/previous): name one, $releases/history has those that were deployed"
say "goes back to $image"
exec bash "$(dirname "$0")/deploy.sh" "${check[@]}" "$image"
