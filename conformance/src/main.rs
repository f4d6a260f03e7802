//! The command `sigprof`.

fn main() -> std::process::ExitCode {
    sigprof::cli::main()
}
