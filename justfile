# List the recipes.
[private]
default:
    @just --list

# Judge the readers and checks by every fixture.
conformance:
    cargo run --release -- conformance

# Look for interleavings that break a law: `just explore --revision go1.26`.
explore *options:
    cargo run --release -- explore {{options}}

# Test the tests: every mutant and every revision through every strategy.
mutants *options:
    cargo run --release -- mutants {{options}}

# Run all tests.
test:
    cargo test

# Install the real Go toolchains into .oracles/.
oracles:
    scripts/oracles

# Make the fixtures anew: those of real Go, then the invalid ones.
fixtures:
    scripts/fixtures
    cargo run -p sigprof-sim --example invalid_fixtures

# Accept what the golden tests produce now, and delete golden files that no test uses.
bless:
    cargo insta test --workspace --test goldens --accept --unreferenced=delete

# Check format, lints and documentation.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps

# Check licences, sources, yanked crates and advisories of the dependencies.
deny:
    scripts/deny

# Run all that CI runs.
ci:
    .ci/run
