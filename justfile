# List the recipes.
[private]
default:
    @just --list

# The suite: all that can be judged, the kill matrix with its reviewed tables too. `just conformance --filter mutants --full`.
conformance *options:
    cargo run --release -- conformance {{options}}

# Look for interleavings that break a law: `just explore --revision go1.26`.
explore *options:
    cargo run --release -- explore {{options}}

# Show the kill matrix: every mutant and every revision through every strategy.
mutants *options:
    cargo run --release -- mutants {{options}}

# Run Go's own text step by step, and compare it with the model: `just go-text --source ~/go/src/runtime`.
go-text *options:
    cargo run --release -- go-text {{options}}

# Run the tests, but for sweeps: those say that they are ignored.
test:
    cargo test

# Run all tests, sweeps too, as CI does: every mutant on loom, every seed through real Go, every bit flipped.
test-all: test
    cargo test -- --ignored

# Run every model on loom: a line a run, with what that is worth.
loom:
    cargo test --package sigprof-model --test models -- --include-ignored --exact --nocapture loom_table::loom_table

# Run the model's tests under Miri, if a nightly toolchain has it.
miri:
    scripts/miri

# Compare speed with real Go, loom and shuttle, in ratios of one run each. Nothing fails for being slow.
bench:
    cargo bench -p sigprof-model --bench prof_buf
    cargo bench -p sigprof-sim --bench engine
    cargo bench -p sigprof-sim --bench trace_events
    cargo bench -p sigprof --bench traces
    cargo bench -p sigprof --bench traces_v2

# Fuzz a target (see fuzz/README.md) under the sanitizer for some seconds; needs a nightly toolchain and cargo-fuzz.
fuzz target seconds="60" *options="":
    mkdir -p fuzz/corpus-work/{{target}}
    cd fuzz && ASAN_OPTIONS=malloc_context_size=1:quarantine_size_mb=1:thread_local_quarantine_size_kb=64:detect_stack_use_after_return=0 cargo +nightly fuzz run {{target}} corpus-work/{{target}} $(ls -d corpus/{{target}} corpus/traces) -- -max_len=$(sed -n "s/^max_len = //p" fuzz_targets/{{target}}.options) -max_total_time={{seconds}} {{options}}

# Fuzz every target under the sanitizer with that many inputs.
fuzz-all inputs="100000":
    cd fuzz && cargo +nightly fuzz list | while read -r target; do just fuzz "$target" 0 -runs={{inputs}} || exit 1; done

# Fuzz all targets in release, from a seed: `just fuzz-release 1000000 --jobs 2`; no nightly toolchain.
fuzz-release *options:
    cargo run --release -p xtask -- fuzz-release {{options}}

# Install the real Go toolchains into .oracles/.
oracles:
    scripts/oracles
    scripts/viewers

# Make the scripts of others that pages are drawn with anew, from npm; `--check` compares.
page-libraries *options:
    scripts/page-libraries {{options}}

# Make the fixtures anew: those of real Go (all, or these), then the simulated and the invalid ones, then what is expected of each.
fixtures *names:
    scripts/fixtures {{names}}
    cargo xtask fixtures
    cargo xtask expected

# Write anew what is generated of every expected.json, and the manifests.
expected:
    cargo xtask expected

# Build programs with the parsers of real Go in them, and run them on the corpus (docs/adapters.md).
adapters:
    cargo xtask adapters

# Accept what the goldens, the kill matrix, the transcripts and the README's examples are now; delete golden files that no test uses.
bless:
    cargo run --release -- mutants --tables snapshots/mutants
    TRYCMD=overwrite cargo test -p sigprof --test transcripts
    INSTA_UPDATE=always cargo test -p sigprof-goldens --test goldens

# Check format, lints and documentation.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps

# Check licences, sources, yanked crates and advisories of the dependencies.
deny:
    scripts/deny

# Build sigprof for a target of this machine and pack it as a release has it, into dist/.
release target="x86_64-unknown-linux-gnu":
    scripts/release {{target}}

# Fuzz all targets in release for so many seconds, or 10^9 inputs if that is sooner.
nightly-fuzz budget="600" inputs="1000000000" seed="1":
    scripts/nightly fuzz {{budget}} {{inputs}} {{seed}}

# Fuzz a part of the targets under the sanitizer for so many seconds together.
nightly-libfuzzer budget="600" part="0/1":
    scripts/nightly libfuzzer {{budget}} {{part}}

# Run seeds of the simulator and of the protocol twice, on all threads and on one: the same bytes.
nightly-seeds budget="600" seeds="1000000":
    scripts/nightly seeds {{budget}} {{seeds}}

# Run all mutants in full, as far as so many seconds go.
nightly-mutants budget="3600":
    scripts/nightly mutants {{budget}}

# Compare Go's own text with the model, in all runs that the search keeps and 10^5 at random of each scenario, as far as so many seconds go.
nightly-go-text budget="3600" go="1.27":
    scripts/nightly go-text {{budget}} {{go}}

# Run cargo-mutants on a part of prof_buf, check, v1 or v2, as far as so many seconds go; survivors are listed, or fail.
nightly-survivors files="prof_buf" part="0/1" budget="3600":
    scripts/nightly survivors {{budget}} {{files}} {{part}}

# Run Miri for so many seconds at the most.
nightly-miri budget="3600":
    scripts/nightly miri {{budget}}

# Check the dependencies; the database of advisories must be there.
nightly-deny:
    scripts/nightly deny

# Run all that CI runs.
ci:
    .ci/run
