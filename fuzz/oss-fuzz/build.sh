#!/bin/bash
# Every target with its options and its corpus, into $OUT: OSS-Fuzz calls this with the flags of its
# sanitizer and engine in RUSTFLAGS. To try it: RUSTUP_TOOLCHAIN=nightly OUT=$(mktemp -d) SRC=$PWD/.. fuzz/oss-fuzz/build.sh
set -euo pipefail

cd "$(dirname "$(readlink -f "$0")")"
# Below the checkout, or beside it as OSS-Fuzz has it.
if [ -d ../../fuzz/fuzz_targets ]; then cd ../../fuzz; else cd "$SRC/sigprof/fuzz"; fi

cargo fuzz build --release --debug-assertions ${FUZZ_TARGET:+"$FUZZ_TARGET"}
built=target/$(rustc -vV | sed -n 's/^host: //p')/release

for options in fuzz_targets/*.options; do
    target=$(basename "$options" .options)
    [ -z "${FUZZ_TARGET:-}" ] || [ "$target" = "$FUZZ_TARGET" ] || continue
    cp "$built/$target" "$options" "$OUT/"
    # What the targets have in common, and then their own.
    folders=()
    for folder in "corpus/$target" corpus/traces corpus/traces-v2; do
        [ ! -d "$folder" ] || folders+=("$folder")
    done
    python3 -m zipfile -c "$OUT/${target}_seed_corpus.zip" "${folders[@]}"
done
