#!/bin/sh
# As a new user would: an empty Debian root with python3, python3-venv and git alone, a fresh clone of this checkout's
# HEAD in it, and the README's two commands. With `sentences`, python3-venv and then python3 are missing too, and
# `./run` has to say so.
#
#   tests/platform/empty_root.sh [12|13|all] [demo|test|both|sentences]
#
# Needs root, debootstrap and the network. Package mirror, proxies, certificates and pip's configuration are those of
# the computer it runs on. Mounts live in a namespace of their own and vanish with it; the root is removed at the end.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

say() { printf '%s\n' "== $*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# What apt of this computer says of Debian's own archive: $1 is a label, "Debian" or "Debian-Security".
mirror() {
    # shellcheck disable=SC2016  # the dollar signs are apt's
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' "Label: $1" | head -n 1
}

make_root() { # $1: code name, $2: folder, $3: packages
    archive=$(mirror Debian)
    [ -n "$archive" ] || die "apt knows no Debian mirror here: run apt-get update first."
    packages=$3
    case $archive in https:*) packages=$packages,ca-certificates ;; esac
    debootstrap --variant=minbase --include="$packages" "$1" "$2" "$archive" >"$2.log" 2>&1 ||
        { tail -n 20 "$2.log" >&2; die "debootstrap failed for $1."; }
    {
        printf 'deb %s %s main\n' "$archive" "$1"
        security=$(mirror Debian-Security)
        [ -z "$security" ] || printf 'deb %s %s-security main\n' "$security" "$1"
    } >"$2/etc/apt/sources.list"
    apt-config dump | grep -iE '^Acquire::.*(proxy|CaInfo)' >"$2/etc/apt/apt.conf.d/90host" || true
    cp -L /etc/resolv.conf /etc/hosts "$2/etc/"
    bundle=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
    [ ! -f "$bundle" ] || cp -L "$bundle" "$2/etc/host-certificates.crt"
    if [ -f /etc/pip.conf ]; then cp /etc/pip.conf "$2/etc/pip.conf"; fi
    for file in .config/pip/pip.conf .pip/pip.conf; do
        if [ -f "$HOME/$file" ]; then mkdir -p "$2/root/${file%/*}" && cp "$HOME/$file" "$2/root/$file"; fi
    done
    # Proxies and pip's variables, but for paths of this computer that the root does not have.
    export -p | grep -E '^export (PIP_|[a-zA-Z_]*_(proxy|PROXY)=)' |
        grep -vE '^export PIP_(FIND_LINKS|CERT|CACHE_DIR)=' >"$2/srv/host.env" || true
    if [ -f "$2/etc/host-certificates.crt" ]; then
        for name in PIP_CERT SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE; do
            printf 'export %s=/etc/host-certificates.crt\n' "$name" >>"$2/srv/host.env"
        done
    fi
}

in_root() { # a command in the clone
    chroot "$system" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb \
        sh -c '. /srv/host.env && cd /srv/station && exec "$@"' sh "$@"
}

# $1: what is missing; the others: the sentence's end and the command
expect_sentence() {
    missing=$1 end=$2
    shift 2
    if said=$(in_root "$@" 2>&1); then die "Without $missing, $* did not fail."; fi
    say "without $missing: $said"
    [ "$(printf '%s\n' "$said" | wc -l)" = 1 ] || die "That is not one sentence."
    case $said in *"$end") ;; *) die "It does not end with '$end'." ;; esac
    [ ! -e "$system/srv/station/.venv" ] || die "A half-made .venv was left behind."
}

sentences() {
    in_root ./run | grep -q '^  demo ' || die "./run alone does not list its commands."
    expect_sentence python3-venv 'apt-get install python3-venv' ./run demo
    rm "$system"/usr/bin/python3*
    expect_sentence python3 'apt-get install python3 python3-venv' ./run demo
}

inside() { # $1: release, $2: what to run, $3: folder that is removed afterwards
    case $1 in 12) name=bookworm ;; *) name=trixie ;; esac
    system=$3/root
    begun=$(date +%s)
    packages=python3,python3-venv,git
    [ "$2" != sentences ] || packages=python3
    make_root "$name" "$system" "$packages"
    # The root is a mount of its own, so that namespaces can be made in it as well: the platform tests do.
    mount --bind "$system" "$system"
    mount -t proc proc "$system/proc"
    mount -t sysfs -o ro sysfs "$system/sys"
    mount --rbind /dev "$system/dev"
    mount -t tmpfs -o size=1g tmpfs "$system/dev/shm"
    if [ "$2" = sentences ]; then
        git -c advice.detachedHead=false -c init.defaultBranch=main clone --quiet "$here/../.." "$system/srv/station"
        sentences
        exit 0
    fi
    git -C "$here" bundle create --quiet "$system/srv/station.bundle" HEAD
    chroot "$system" git -c advice.detachedHead=false -c init.defaultBranch=main clone --quiet /srv/station.bundle /srv/station
    cp "$here/watch_demo.py" "$system/srv/"
    say "Debian $1: root and clone made in $(($(date +%s) - begun)) s"
    status=0
    if [ "$2" != test ]; then
        say "Debian $1: ./run demo"
        in_root python3 /srv/watch_demo.py ./run demo --port 0 || status=1
    fi
    if [ "$2" != demo ]; then
        begun=$(date +%s)
        say "Debian $1: ./run test"
        in_root ./run test || status=1
        say "Debian $1: ./run test took $(($(date +%s) - begun)) s"
    fi
    if [ "$status" = 0 ]; then say "Debian $1: passed"; else say "Debian $1: FAILED"; fi
    exit "$status"
}

if [ "${1:-}" = --inside ]; then
    shift
    inside "$@"
fi

releases=${1:-all}
what=${2:-both}
case $releases in all) releases='12 13' ;; 12 | 13) ;; *) die "The release is 12, 13 or all, not '$releases'." ;; esac
case $what in demo | test | both | sentences) ;; *) die "What to run is demo, test, both or sentences, not '$what'." ;; esac
[ "$(id -u)" = 0 ] || die "This needs root: it makes a Debian root."
command -v debootstrap >/dev/null || die "debootstrap is missing. Install it with: apt-get install debootstrap"

work=
trap '[ -z "$work" ] || rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM HUP
failed=0
for release in $releases; do
    work=$(mktemp -d "${TMPDIR:-/var/tmp}/empty-root.XXXXXX")
    unshare --mount --pid --fork --kill-child --propagation private \
        sh "$here/empty_root.sh" --inside "$release" "$what" "$work" || failed=1
    rm -rf --one-file-system "$work"
done
exit "$failed"
