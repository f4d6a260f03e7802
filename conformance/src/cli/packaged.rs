//! The files that packages have besides the program: completions for shells, and manual pages.

use std::fs;
use std::path::PathBuf;

use clap_complete::Shell;
use clap_mangen::Man;

use super::{Kind, Stop, command, output, print, print_as, shown};

/// Print a script that has a shell complete this command line.
#[derive(Debug, clap::Args)]
#[command(after_help = COMPLETIONS)]
pub(super) struct CompletionsArgs {
    /// The shell that completes
    shell: Shell,
}

const COMPLETIONS: &str = "\
Examples:
  sigprof completions bash > ~/.local/share/bash-completion/completions/sigprof
  sigprof completions zsh > ~/.zfunc/_sigprof
  sigprof completions fish > ~/.config/fish/completions/sigprof.fish

Exit codes: 0 it was printed, 2 usage, 3 it cannot be written.";

pub(super) fn completions(args: &CompletionsArgs) -> Result<u8, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "sigprof", &mut script);
    print_as(Kind::Bytes, &String::from_utf8_lossy(&script))?;
    Ok(0)
}

/// Write the manual pages, one for each command, into a folder.
#[derive(Debug, clap::Args)]
#[command(after_help = MAN, override_usage = "sigprof man [OPTIONS] --output <DIR>")]
pub(super) struct ManArgs {
    /// The folder, which is made if need be; `-` prints the page of `sigprof` itself
    #[arg(short, long, value_name = "DIR", required_unless_present = "dir")]
    output: Option<PathBuf>,
    /// The same, as it was once given
    #[arg(hide = true, conflicts_with = "output")]
    dir: Option<PathBuf>,
}

const MAN: &str = "\
Examples:
  sigprof man -o ~/.local/share/man/man1
  sigprof man -o - | man -l -

Exit codes: 0 they were written, 2 usage, 3 they cannot be.";

pub(super) fn man(args: &ManArgs) -> Result<u8, Stop> {
    let mut command = command();
    command.build();
    let Some(dir) = args.output.as_ref().or(args.dir.as_ref()) else {
        return Err(Stop::Usage("want a folder".into()));
    };
    if dir.as_os_str() == super::STDIN {
        print_as(Kind::Bytes, &page(command, "sigprof")?)?;
        return Ok(0);
    }
    let failed = |error| Stop::Failed(format!("{}: {error}", dir.display()));
    fs::create_dir_all(dir).map_err(failed)?;
    let mut count = 0;
    let mut left = vec![("sigprof".to_owned(), command)];
    while let Some((name, command)) = left.pop() {
        for sub in command.get_subcommands() {
            if sub.get_name() != "help" {
                left.push((format!("{name}-{}", sub.get_name()), sub.clone()));
            }
        }
        let text = page(command, &name)?;
        output::write_bytes(&dir.join(format!("{name}.1")), text.as_bytes())?;
        count += 1;
    }
    print(&format!("{count} pages in {}\n", shown(dir)))?;
    Ok(0)
}

fn page(command: clap::Command, name: &str) -> Result<String, Stop> {
    let mut text = Vec::new();
    let command = command.name(name.to_owned());
    Man::new(command).render(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
