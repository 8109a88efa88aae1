#!/usr/bin/env bash
# Puts an image into the Deployment of a Kubernetes cluster, tests it from outside, and goes back to the image before when the
# rollout or the test fails.
#
# usage: rollout.sh [--check] [--url URL] [--namespace NAME] [--deployment NAME] IMAGE@sha256:DIGEST
#
#   --check       has the API server look whether it could be done, and changes nothing
#   --url         where clients reach the host: the smoke test goes there, with the key in HOSTLER_KEY; without it the rollout
#                 alone is the test
#   --namespace   by default hostler; --deployment and its container: hostler
#
# kubectl and its configuration are those of the caller. ROLLOUT_TIMEOUT (300 s) bounds each rollout.
#
# Ends with 0: it runs. 1: it did not work, and the image before runs again. 2: nothing was begun. 3: it did not work, and the
# image before did not come back either.
set -euo pipefail
program=rollout
scripts=$(cd "$(dirname "$0")" && pwd)
say() { printf '%s: %s\n' "$program" "$*"; }
fail() {
  local code=$1
  shift
  printf '%s: %s\n' "$program" "$*" >&2
  exit "$code"
}

check=false url='' namespace=hostler deployment=hostler image=''
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '2,/^[^#]/ s/^# \{0,1\}//p' "$0" && exit 0 ;;
    --check) check=true ;;
    --url) url=${2:-} && shift ;;
    --namespace) namespace=${2:?rollout: --namespace needs a name} && shift ;;
    --deployment) deployment=${2:?rollout: --deployment needs a name} && shift ;;
    -*) fail 2 "unknown option $1: rollout.sh --help" ;;
    *) [ -z "$image" ] || fail 2 "one image, not two" && image=$1 ;;
  esac
  shift
done
[[ $image =~ ^[a-z0-9][a-zA-Z0-9./_:-]*@sha256:[0-9a-f]{64}$ ]] || fail 2 "an image with its digest is needed: rollout.sh --help"
command -v kubectl >/dev/null || fail 2 "kubectl is not installed"

cluster() { kubectl --namespace "$namespace" --request-timeout 30s "$@"; }
set_image() { cluster set image "deployment/$deployment" "hostler=$1" "${@:2}"; }
settle() { kubectl --namespace "$namespace" rollout status "deployment/$deployment" --timeout "${ROLLOUT_TIMEOUT:-300}s"; }
smoke_test() { [ -z "$url" ] || node "$scripts/smoke-test.mjs" --url "$url" --timeout 60; }

before=$(cluster get deployment "$deployment" --output 'jsonpath={.spec.template.spec.containers[?(@.name=="hostler")].image}') ||
  fail 2 "deployment $deployment in namespace $namespace cannot be read"
[ -n "$before" ] || fail 2 "deployment $deployment has no container hostler"
if $check; then
  set_image "$image" --dry-run=server >/dev/null || fail 2 "the API server would not take it"
  say "would replace $before by $image"
  exit 0
fi

say "$deployment in $namespace: $before -> $image"
set_image "$image" || fail 2 "the API server does not take it"
if settle && smoke_test; then
  say "runs $image; the image before was $before"
  exit 0
fi
# What the new pods said last helps more than the state of the rollout.
cluster logs "deployment/$deployment" --container hostler --tail 50 --prefix >&2 || true
[ "$before" != "$image" ] || fail 3 "it does not work, and it is what ran before"
say "it does not work: goes back to $before"
if set_image "$before" && settle && smoke_test; then fail 1 "$image does not work; $before runs again"; fi
fail 3 "neither $image nor $before works"
