#!/bin/sh
# unpack-packages.sh [--alone] ROOT TARGET ARCHITECTURE PACKAGE…: puts packages of Debian into TARGET, with what they depend
# on and ROOT lacks; --alone: without. Of ROOT only the list of its packages is read; it may be TARGET. Both may be of any
# architecture, for nothing of it is run: the packages' own scripts are left out.
set -eu
alone=
if [ "$1" = --alone ]; then
  alone=1
  shift
fi
root=$1 target=$2 architecture=$3
shift 3
work=$(mktemp -d)
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"

get() {
  apt-get -qq -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" -o APT::Sandbox::User=root \
    -o Dir::State::Lists="$work/lists" -o Dir::State::status="$root/var/lib/dpkg/status" -o Dir::Cache="$work/cache" \
    -o Acquire::Languages=none "$@"
}
get update
if [ -n "$alone" ]; then
  (cd "$work/cache/archives" && get download "$@" >/dev/null)
else
  get install --download-only --yes --no-install-recommends "$@" >/dev/null
fi

if [ "$root" != "$target" ]; then
  # /bin and /lib are links into /usr, as they are in ROOT.
  mkdir -p "$target/var/lib/dpkg"
  [ -e "$target/var/lib/dpkg/status" ] || cp "$root/var/lib/dpkg/status" "$target/var/lib/dpkg/status"
  for name in bin sbin lib lib64; do
    mkdir -p "$target/usr/$name"
    ln -s "usr/$name" "$target/$name"
  done
fi
for package in "$work"/cache/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x -C "$target" --keep-directory-symlink --exclude='./usr/share/man/*' \
    --exclude='./usr/share/info/*' --exclude='./usr/share/lintian/*' --exclude='./usr/share/doc/*/[!c]*'
  # Scanners read there what is installed.
  { dpkg-deb --field "$package" | sed '/^Package:/a Status: install ok unpacked' && echo; } >> "$target/var/lib/dpkg/status"
done
if [ "$root" != "$target" ]; then rm "$target/bin" "$target/sbin" "$target/lib" "$target/lib64"; fi

# What the scripts of ca-certificates do, as far as programs need it.
authorities=$target/usr/share/ca-certificates/mozilla
if [ -d "$authorities" ] && [ ! -s "$target/etc/ssl/certs/ca-certificates.crt" ]; then
  mkdir -p "$target/etc/ssl/certs"
  cat "$authorities"/*.crt > "$target/etc/ssl/certs/ca-certificates.crt"
  # OpenSSL looks below its own folder (the package openssl links it).
  mkdir -p "$target/usr/lib/ssl"
  ln -sfn /etc/ssl/certs "$target/usr/lib/ssl/certs"
  ln -sf /etc/ssl/certs/ca-certificates.crt "$target/usr/lib/ssl/cert.pem"
fi
rm -rf "$work"
