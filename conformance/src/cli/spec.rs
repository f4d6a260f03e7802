use sigprof::explain::like;
use sigprof::shown::Shown;
use sigprof::spec;

use super::{Stop, print};

/// Print the specification, SPEC.md, as it was when this program was built.
///
/// By rule (`R12.4`; `R12` is all that begin so) or by section, by its number or words of its
/// heading. Without either: all of it, as Markdown.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// A rule or a section
    #[arg(value_name = "RULE|SECTION")]
    part: Option<String>,
}

const HELP: &str = "\
Examples:
  sigprof spec                all of it
  sigprof spec S9             the rules S9.1, S9.2 and so on
  sigprof spec 1              section 1, the ring
  sigprof spec \"v2 format\"

Exit codes: 0 it was printed, 2 there is no such rule or section.";

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let Some(part) = &args.part else {
        print(spec::TEXT)?;
        return Ok(0);
    };
    let rules = spec::find(part);
    let sections = spec::find_sections(part);
    let text: String = match rules.is_empty() {
        false => rules.iter().map(|rule| format!("{rule}\n")).collect(),
        true => {
            let sections = sections.iter().map(|section| section.text);
            sections.collect::<Vec<_>>().join("\n\n")
        }
    };
    if text.is_empty() {
        return Err(unknown(part));
    }
    print(&(text.trim_end().to_owned() + "\n"))?;
    Ok(0)
}

fn unknown(part: &str) -> Stop {
    let rules = spec::rules(spec::TEXT).map(|rule| rule.number.to_owned());
    let like = like(rules, part);
    let headings = spec::sections()
        .into_iter()
        .skip(1)
        .map(|section| section.heading);
    Stop::Usage(format!(
        "no rule and no section is called {}{like}; sections are {}",
        Shown(part),
        headings.collect::<Vec<_>>().join(", ")
    ))
}
