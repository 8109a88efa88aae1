#!/usr/bin/env bash
# A Docker engine of its own for a Debian that reaches Debian's packages and the npm registry, and no registry of images.
# With it come images that answer to the official names of those that Hostler is built from and tested with, made from
# Debian's packages and npm's Node.js. They are stand-ins, and exist in this engine only. Needs root.
#
#   container-lab.sh up      engine and images; what is there already is kept (the default)
#   container-lab.sh env     shell words that make `docker` use it: eval "$(container-lab.sh env)"; --plain: NAME=value lines
#   container-lab.sh down    stops the engine, and takes back what it did to this machine's network
#   container-lab.sh purge   down, and everything below LAB_DIR is deleted
#
# LAB_DIR        where all of it is                   /tmp/hostler-container-lab
# LAB_PLATFORMS  of the images                        linux/amd64,linux/arm64
# LAB_NODE       version of Node.js                   that of package.json
#
# It installs iptables, runc, tini and debootstrap where they are missing; everything else is unpacked below LAB_DIR.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_DIR=${LAB_DIR:-${TMPDIR:-/tmp}/hostler-container-lab}
LAB_PLATFORMS=${LAB_PLATFORMS:-linux/amd64,linux/arm64}
LAB_NODE=${LAB_NODE:-$(sed -n 's/^ *"node": "\([0-9][0-9.]*\)".*/\1/p' "$here/../package.json" | head -1)}
suite=bookworm
# The engine of Debian 12 cannot keep images of two platforms side by side; that of the next release can.
engine_suite=trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
socket=$LAB_DIR/run/docker.sock
pid_file=$LAB_DIR/run/lab.pid
native=$(dpkg --print-architecture)
export DOCKER_HOST=unix://$socket DOCKER_CONFIG=$LAB_DIR/config DEBIAN_FRONTEND=noninteractive
export PATH=$LAB_DIR/bin:/usr/local/sbin:/usr/sbin:/sbin:$PATH

say() { echo "container-lab: $*" >&2; }
die() {
  say "$*"
  exit 1
}
timed() {
  local what=$1 began=$SECONDS
  shift
  "$@"
  say "$what: $((SECONDS - began)) s"
}
architectures() { tr ',' '\n' <<<"$LAB_PLATFORMS" | sed 's,^linux/,,'; }

# Where this machine gets Debian from.
mirror() {
  # shellcheck disable=SC2016 # a format of apt
  apt-get indextargets --format '$(CREATED_BY) $(RELEASE) $(COMPONENT) $(REPO_URI)' 2>/dev/null |
    awk '$1 == "Packages" && $3 == "main" && $2 !~ /security|updates|backports/ { print $4; exit }'
}

need_programs() {
  local wanted=()
  command -v iptables >/dev/null || wanted+=(iptables)
  command -v runc >/dev/null || wanted+=(runc)
  command -v debootstrap >/dev/null || wanted+=(debootstrap)
  [ -x /usr/bin/tini-static ] || wanted+=(tini)
  [ -s "$keyring" ] || wanted+=(debian-archive-keyring)
  [ ${#wanted[@]} -gt 0 ] || return 0
  apt-get update -qq >/dev/null
  apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
}

# unpack RELEASE FOLDER PACKAGE…: packages of a release that need not be this machine's, beside its own lists of them.
unpack() {
  local release=$1 folder=$2 state=$LAB_DIR/apt/$1
  shift 2
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/packages" "$folder"
  echo "deb [signed-by=$keyring] $(mirror) $release main" >"$state/sources.list"
  local options=(-qq -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$state/lists"
    -o Dir::Cache="$state/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none)
  apt-get "${options[@]}" update
  (cd "$state/packages" && apt-get "${options[@]}" download "$@" >/dev/null)
  local package
  for package in "$state"/packages/*.deb; do dpkg -x "$package" "$folder"; done
  rm -rf "$state"
}

install_engine() {
  need_programs
  [ ! -e "$LAB_DIR/bin/dockerd" ] || return 0
  mkdir -p "$LAB_DIR"/{bin,run} "$DOCKER_CONFIG/cli-plugins"
  local root=$LAB_DIR/unpacked
  # Its runc wants a newer C library: this machine's own is used.
  unpack "$engine_suite" "$root" docker.io docker-cli containerd docker-buildx docker-compose
  cp "$root"/usr/libexec/docker/cli-plugins/* "$DOCKER_CONFIG/cli-plugins/"
  cp "$root"/usr/bin/{docker,containerd,containerd-shim-runc-v2,ctr} "$root"/usr/sbin/{docker-proxy,dockerd} "$LAB_DIR/bin/"
  rm -rf "$root"
}

# The kernel opens the emulator now ("F"), so that it works in containers, which do not have it.
register_emulator() {
  [ "$native" = amd64 ] && architectures | grep -qx arm64 || return 0
  local formats=/proc/sys/fs/binfmt_misc
  [ -e $formats/register ] || { mount -t binfmt_misc binfmt_misc $formats && touch "$LAB_DIR/run/mounted-formats"; }
  [ ! -e $formats/qemu-aarch64 ] || return 0
  if [ ! -x "$LAB_DIR/bin/qemu-aarch64-static" ]; then
    unpack "$suite" "$LAB_DIR/unpacked" qemu-user-static
    cp "$LAB_DIR/unpacked/usr/bin/qemu-aarch64-static" "$LAB_DIR/bin/"
    rm -rf "$LAB_DIR/unpacked"
  fi
  # An ELF file of 64 bits for AArch64 (0xb7), as qemu's own binfmt configuration describes it.
  local magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
  local mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
  printf '%s' ":qemu-aarch64:M::$magic:$mask:$LAB_DIR/bin/qemu-aarch64-static:OF" >$formats/register
  touch "$LAB_DIR/run/registered-format"
}

runs() { [ -s "$pid_file" ] && tr '\0' ' ' <"/proc/$(cat "$pid_file")/cmdline" 2>/dev/null | grep -q -- "$LAB_DIR/daemon.json"; }

start() {
  if runs && docker version >/dev/null 2>&1; then return 0; fi
  if pgrep -x dockerd >/dev/null; then die "another dockerd runs: both would use docker0 and the same firewall rules"; fi
  iptables-save >"$LAB_DIR/run/firewall"
  cat /proc/sys/net/ipv4/ip_forward >"$LAB_DIR/run/forwarding"
  [ -e /sys/class/net/docker0 ] || touch "$LAB_DIR/run/made-bridge"
  cat >"$LAB_DIR/daemon.json" <<JSON
{ "data-root": "$LAB_DIR/data", "exec-root": "$LAB_DIR/exec", "pidfile": "$LAB_DIR/run/docker.pid", "hosts": ["$DOCKER_HOST"],
  "features": { "containerd-snapshotter": true }, "init-path": "/usr/bin/tini-static",
  "builder": { "gc": { "enabled": true, "defaultKeepStorage": "20GB" } } }
JSON
  rm -f "$socket" "$LAB_DIR/run/docker.pid"
  setsid "$LAB_DIR/bin/dockerd" --config-file "$LAB_DIR/daemon.json" >"$LAB_DIR/dockerd.log" 2>&1 </dev/null &
  echo $! >"$pid_file"
  for _ in $(seq 150); do
    if docker version >/dev/null 2>&1; then return 0; fi
    runs || break
    sleep 0.2
  done
  tail -5 "$LAB_DIR/dockerd.log" >&2
  die "the engine does not start: $LAB_DIR/dockerd.log"
}

has_image() {
  local architecture created
  for architecture in $(architectures); do
    created=$(docker create --pull=never --platform "linux/$architecture" "$1" true 2>/dev/null) || return 1
    docker rm --volumes "$created" >/dev/null
  done
}

# A small Debian, as a tar file in FOLDER.
make_root() {
  local architecture=$1 folder=$2 root=$LAB_DIR/base/$1
  rm -rf "$root"
  mkdir -p "$root"
  { debootstrap --foreign --arch="$architecture" --variant=minbase --include=libatomic1 "$suite" "$root" "$(mirror)" &&
    chroot "$root" /debootstrap/debootstrap --second-stage; } >"$LAB_DIR/base/$architecture.log" 2>&1 ||
    die "debootstrap failed: $LAB_DIR/base/$architecture.log"
  echo "deb $(mirror) $suite main" >"$root/etc/apt/sources.list"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  rm -rf "$root"/usr/share/{doc,man,info,locale,lintian}/* "$root"/var/{lib/apt/lists,cache/apt,log}/* "$root"/etc/{resolv.conf,hostname}
  tar -C "$root" --numeric-owner --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' -cf "$folder/$architecture.tar" .
}

build() { docker buildx build --quiet --provenance=false --label org.hostler.stand-in=true --platform "$LAB_PLATFORMS" "$@" >/dev/null; }

make_images() {
  local architecture context=$LAB_DIR/base/context major=${LAB_NODE%%.*} machine
  if has_image "node:$major-$suite-slim" && has_image "redis:7-$suite"; then return 0; fi
  rm -rf "$LAB_DIR/base"
  mkdir -p "$context"
  for architecture in $(architectures); do timed "Debian for $architecture" make_root "$architecture" "$context"; done
  # shellcheck disable=SC2016 # for the builder
  printf 'FROM scratch\nARG TARGETARCH\nADD ${TARGETARCH}.tar /\nCMD ["bash"]\n' >"$context/Dockerfile"
  build -t "debian:$suite-slim" "$context"

  for architecture in $(architectures); do
    rm "$context/$architecture.tar"
    machine=$architecture
    [ "$architecture" != amd64 ] || machine=x64
    npm pack --silent --pack-destination "$context" "node-linux-$machine@$LAB_NODE" npm@11 >/dev/null
    mkdir -p "$context/$architecture/lib/node_modules/npm"
    tar -xzf "$context/node-linux-$machine-$LAB_NODE.tgz" -C "$context/$architecture" --strip-components=1 --no-same-owner package/bin
    tar -xzf "$context"/npm-11*.tgz -C "$context/$architecture/lib/node_modules/npm" --strip-components=1 --no-same-owner
    ln -s ../lib/node_modules/npm/bin/npm-cli.js "$context/$architecture/bin/npm"
    ln -s ../lib/node_modules/npm/bin/npx-cli.js "$context/$architecture/bin/npx"
    rm "$context"/*.tgz
    mkdir "$context/redis-$architecture"
    sh "$here/../docker/production/unpack-packages.sh" "$LAB_DIR/base/$architecture" "$context/redis-$architecture" "$architecture" redis-server
  done
  cat >"$context/Dockerfile" <<DOCKERFILE
FROM debian:$suite-slim AS node
ARG TARGETARCH
COPY --chown=0:0 \${TARGETARCH}/ /usr/local/
ENV NODE_VERSION=$LAB_NODE
CMD ["node"]
FROM debian:$suite-slim AS redis
ARG TARGETARCH
COPY --chown=0:0 redis-\${TARGETARCH}/ /
EXPOSE 6379
CMD ["redis-server", "--bind", "0.0.0.0"]
DOCKERFILE
  build --target node -t "node:$major-$suite-slim" "$context"
  build --target redis -t "redis:7-$suite" "$context"
  rm -rf "$LAB_DIR/base"
}

take_back() {
  local run=$LAB_DIR/run
  if [ -e "$run/registered-format" ]; then echo -1 >/proc/sys/fs/binfmt_misc/qemu-aarch64 || true; fi
  if [ -e "$run/mounted-formats" ]; then umount /proc/sys/fs/binfmt_misc || true; fi
  if [ -e "$run/made-bridge" ]; then ip link delete docker0 2>/dev/null || true; fi
  if [ -s "$run/firewall" ]; then iptables-restore <"$run/firewall" || true; fi
  if [ -s "$run/forwarding" ]; then cat "$run/forwarding" >/proc/sys/net/ipv4/ip_forward || true; fi
  rm -f "$run"/{registered-format,mounted-formats,made-bridge,firewall,forwarding}
}

down() {
  if runs; then
    local pid
    pid=$(cat "$pid_file")
    kill "$pid"
    for _ in $(seq 150); do
      case $(ps -o stat= -p "$pid" || true) in '' | Z*) break ;; esac
      sleep 0.2
    done
  fi
  rm -f "$pid_file"
  take_back
}

purge() {
  down
  [ -d "$LAB_DIR" ] || return 0
  awk -v folder="$LAB_DIR/" 'index($2, folder) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r -n1 umount -l
  rm -rf --one-file-system "$LAB_DIR"
}

# Certificates that this machine's clients trust besides the usual ones, for builds behind a proxy that signs.
authorities() {
  local file
  for file in "${NODE_EXTRA_CA_CERTS:-}" "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt; do
    if [ -n "$file" ] && [ -s "$file" ]; then
      echo "$file"
      return 0
    fi
  done
}

environment() {
  if [ "${1:-}" = --plain ]; then
    printf 'DOCKER_HOST=%s\nDOCKER_CONFIG=%s\nPATH=%s\nCA_FILE=%s\n' "$DOCKER_HOST" "$DOCKER_CONFIG" "$LAB_DIR/bin" "$(authorities)"
  else
    # shellcheck disable=SC2016 # for the shell that reads it
    printf 'export DOCKER_HOST=%q DOCKER_CONFIG=%q PATH=%q:$PATH CA_FILE=%q\n' "$DOCKER_HOST" "$DOCKER_CONFIG" "$LAB_DIR/bin" "$(authorities)"
  fi
}

case ${1:-up} in
  up)
    [ "$(id -u)" = 0 ] || die "needs root"
    mkdir -p "$LAB_DIR/run"
    timed engine install_engine
    register_emulator
    timed start start
    timed images make_images
    ;;
  env) environment "${2:-}" ;;
  down) down ;;
  purge) purge ;;
  *)
    sed -n '2,16p' "$0" >&2
    exit 2
    ;;
esac
