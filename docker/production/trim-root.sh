#!/bin/sh
# trim-root.sh ROOT: takes out of a Debian with Node what a server does not need to run, and makes its user. Nothing of ROOT
# is run, so its architecture does not matter.
set -eu
root=$1

# Managers of JavaScript packages.
rm -rf "$root"/usr/local/lib/node_modules "$root"/usr/local/include "$root"/opt/yarn* \
  "$root"/usr/local/bin/npm "$root"/usr/local/bin/npx "$root"/usr/local/bin/corepack \
  "$root"/usr/local/bin/yarn "$root"/usr/local/bin/yarnpkg "$root"/usr/local/bin/pnpm "$root"/usr/local/bin/docker-entrypoint.sh

# Managers of Debian's packages, accounts and file systems, and what only they use. The scripts of the packages would have
# to run in there.
find "$root/var/lib/dpkg/info" -name '*.p*rm' -delete
dpkg --root="$root" --force-all --purge apt libapt-pkg6.0 gpgv adduser debconf e2fsprogs logsave login passwd mount \
  util-linux-extra perl-base debian-archive-keyring libpam-runtime libpam-modules libpam-modules-bin >/dev/null 2>&1
dpkg --root="$root" --force-all --purge dpkg >/dev/null 2>&1
rm -rf "$root"/var/lib/apt "$root"/var/cache/* "$root"/var/log/* "$root"/etc/apt "$root"/var/lib/dpkg/info "$root"/var/lib/dpkg/*-old \
  "$root"/usr/share/doc/*/[!c]* "$root"/usr/share/man/* "$root"/usr/share/info/* "$root"/usr/share/locale/* "$root"/usr/share/perl* \
  "$root"/root/.??* "${root:?}"/home/*

# A program that takes the rights of its owner has nothing to do here.
find "$root" -xdev -type f -perm /6000 -exec chmod ug-s {} +

sed -i '/^node:/d' "$root/etc/passwd" "$root/etc/group" "$root/etc/shadow"
echo 'hostler:x:10001:10001:Hostler:/tmp:/usr/sbin/nologin' >> "$root/etc/passwd"
echo 'hostler:x:10001:' >> "$root/etc/group"
mkdir -p "$root/etc/hostler" "$root/var/lib/hostler/audit" "$root/run/secrets"
chown -R 10001:10001 "$root/var/lib/hostler"
chmod 700 "$root/var/lib/hostler" "$root/var/lib/hostler/audit"
