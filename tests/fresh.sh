#!/bin/sh
# check-fresh: a bare Debian 12 root, a clean clone, and the README's two
# commands in it, each alone.  Needs mmdebstrap and root (or user namespaces).
set -eu
cd "$(dirname "$0")/.."
command -v mmdebstrap >/dev/null 2>&1 || {
	echo "SKIP check-fresh: install mmdebstrap"; exit 0
}
root=$(mktemp -d)
trap 'umount "$root/proc" "$root/dev" 2>/dev/null || :; rm -rf --one-file-system "$root"' EXIT
# The machine's own sources, keys and proxy, so that nothing is named here.
echo "making a bare Debian 12 in $root" >&2
mmdebstrap --quiet --variant=minbase --include=make,git,ca-certificates \
    ${FRESH_OPTS:-} bookworm "$root" $(ls /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null)
cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/" 2>/dev/null || :
[ ! -d /etc/apt/auth.conf.d ] || cp -r /etc/apt/auth.conf.d/. "$root/etc/apt/auth.conf.d/"
cp /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || :
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev" && mount --make-rslave "$root/dev"
for target in ${FRESH:-demo check}; do
	rm -rf "$root/src"
	git clone -q . "$root/src"
	start=$(date +%s)
	if chroot "$root" /bin/sh -c "cd /src && DEBIAN_FRONTEND=noninteractive make $target" >"$root/log" 2>&1; then
		echo "PASS check-fresh make $target: $(($(date +%s) - start)) s"
	else
		tail -30 "$root/log"
		echo "FAIL check-fresh make $target"
		exit 1
	fi
done
umount -l "$root/dev"
umount "$root/proc"
