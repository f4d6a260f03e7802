//! The checkout that has this program, where real Go is looked for.

use std::path::{Path, PathBuf};

/// The checkout into which `scripts/oracles` puts toolchains: that in whose `target` this program
/// lies, or in which cargo runs it. The program holds no path of the machine that built it, and
/// nowhere else is looked unasked: the current folder may be a stranger's.
pub(super) fn here() -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let target = program.as_deref().and_then(target_above);
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let folders = target.iter().copied().chain(package.as_deref());
    checkout_of(folders)
}

/// Cargo's folder in which a program lies, by cargo's mark.
fn target_above(program: &Path) -> Option<&Path> {
    let mut above = program.ancestors();
    above.find(|folder| folder.join("CACHEDIR.TAG").is_file())
}

/// The first checkout in which one of these folders lies, or is.
fn checkout_of<'a>(folders: impl Iterator<Item = &'a Path>) -> Option<PathBuf> {
    let is_checkout = |folder: &&Path| folder.join("scripts/oracles").is_file();
    let mut checkouts = folders.filter_map(|folder| folder.ancestors().take(3).find(is_checkout));
    checkouts.next().map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S25.10.
    #[test]
    fn a_checkout_is_found_by_the_program_in_it_or_by_cargo() {
        let top = tempfile::tempdir().expect("a folder");
        let (ours, other) = (top.path().join("ours"), top.path().join("other"));
        let made = [
            "ours/scripts/oracles",
            "ours/target/CACHEDIR.TAG",
            "ours/target/debug/deps/test",
            "ours/model/wire/Cargo.toml",
            "other/bin/sigprof",
        ];
        for name in made {
            let path = top.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, "").expect("a file");
        }
        let target = target_above(&ours.join("target/debug/deps/test")).map(Path::to_owned);
        assert_eq!(target, Some(ours.join("target")));
        assert_eq!(target_above(&other.join("bin/sigprof")), None);
        let found = |folder: &Path| checkout_of([folder].into_iter());
        for folder in ["target", "model/wire", "."] {
            assert_eq!(found(&ours.join(folder)), Some(ours.clone()), "{folder}");
        }
        // A package of somebody's who has us run is not ours.
        assert_eq!(found(&other), None);
    }
}
