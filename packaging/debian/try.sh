#!/bin/sh
# Install build/deb/*.deb into a bare Debian 12 and start it in a real window.
#
#   as root, after `make deb`, with debootstrap:  sh packaging/debian/try.sh FOLDER
#
# FOLDER becomes a Debian of its own (about 1 GB) and is yours to remove. The window's picture is
# FOLDER/mnt/window.png; exit code 0 when a window named Fujie was open within a minute.
set -eu
folder=${1:?expected the folder for a bare Debian, got none; name one that does not exist yet}
here=$(cd "$(dirname "$0")/../.." && pwd)

debootstrap --variant=minbase bookworm "$folder"
cp "$here"/build/deb/fujie-field_*.deb "$folder/mnt/"
# Detached at once even where something still ends in it: who removes FOLDER must not remove /dev.
trap 'umount --lazy "$folder/dev" "$folder/proc"' EXIT
mount -t proc proc "$folder/proc"
mount --bind /dev "$folder/dev"

cat >"$folder/mnt/inside.sh" <<'INSIDE'
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/mnt LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
apt-get update --quiet
apt-get install --yes --quiet --no-install-recommends /mnt/fujie-field_*.deb xvfb xdotool imagemagick
export DISPLAY=:77 HOME=/mnt/officer
mkdir -p "$HOME"
Xvfb :77 -screen 0 1280x800x24 & screen=$!
sleep 2
# xdotool's own search does not find a name that has Chinese in it.
names() {
	for one in $(xdotool search --onlyvisible --class . 2>/dev/null); do
		xdotool getwindowname "$one"
	done
}
fujie-field & program=$!
found=1
for _ in $(seq 60); do
	sleep 1
	if names | grep -q Fujie; then found=0; break; fi
done
sleep 5
import -window root /mnt/window.png
kill "$program"
wait "$program" || true
kill "$screen"
wait "$screen" || true
exit "$found"
INSIDE
chroot "$folder" /usr/bin/env -i /bin/sh /mnt/inside.sh
echo "it started: $folder/mnt/window.png"
