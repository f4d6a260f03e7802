#!/usr/bin/env bash
# Version    GNU parallel 20221122 (Debian 12's parallel 20221122+ds-2), rsync of Debian, linux/amd64.
# Guess      Send and Receive of --joblog are the bytes that went to a host and came back: of a file of 1000 bytes,
#            transferred and returned, 1000 and 1000.
# Behaviour  A file counts each time its name stands in the command that parallel makes: what is returned counts twice, and
#            what is transferred twice if --cleanup is to remove it.
# Seen       with --cleanup: 2000 2000; without: 1000 2000
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
expect() { # expect WHAT WANT GOT
    printf '%s: %s\n' "$1" "$3"
    [ "$3" = "$2" ] || { printf 'changed: %s: wanted %s\n' "$1" "$2" >&2; exit 1; }
}
for name in parallel=20221122+ds-2 rsync libpopt0 libxxhash0; do
    apt-get -qq -o APT::Sandbox::User=root download "$name" 2>/dev/null
done
for package in *.deb; do dpkg -x "$package" root; done
PATH=$work/root/usr/bin:$PATH
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
# A host whose ssh is a shell here, in a home of its own.
mkdir "$work/home"
cat >ssh <<END
#!/bin/bash
while [[ \$1 == -* ]]; do [ "\$1" = -l ] && shift; shift; done
shift
[ "\$1" = -- ] && shift
cd "$work/home" && HOME=$work/home exec bash -c "\$*"
END
chmod +x ssh
export PARALLEL_SSH=$work/ssh HOME=$work/here
mkdir "$HOME"
run() { # run HOST OPTIONS: Send and Receive
    rm -rf there home/there
    mkdir -p there && cd there && head -c 1000 /dev/zero >in
    # shellcheck disable=SC1083 # the braces are parallel's
    parallel --will-cite --sshlogin "$1" --joblog ../log --workdir there --transferfile in --return out "${@:2}" \
        cp {} out ::: in </dev/null >&2
    cd ..
    awk 'NR == 2 { print $5, $6 }' log
}
expect 'with --cleanup' '2000 2000' "$(run host --cleanup)"
expect without '1000 2000' "$(run host)"
