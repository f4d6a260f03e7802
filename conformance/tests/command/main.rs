//! The command, run as a person does. (Its output word for word is `transcripts`, which needs a
//! working directory of its own.)
//!
//! | child | what |
//! |---|---|
//! | `campaign` | campaigns of several processes, of which some are killed |
//! | `promises` | exit codes, what reaches the check, standard input and output |
//! | `explained` | codes that are explained, and commands that show something again |
//! | `explore` | the command line of the engine |
//! | `exported` | samples in the formats of other tools, and differences |
//! | `forged` | names that others chose, in what is printed for people |
//! | `line` | the command line as people know it: help, colours, spellings, lists, errors as JSON |
//! | `names` | one name for one thing, numbers as they were given, names that are wrong |
//! | `outputs` | files that commands leave behind |
//! | `packed` | traces that are packed with gzip |
//! | `pages` | outcomes as pages, in a real browser |
//! | `recorder` | what a flight recorder kept |
//! | `streams` | a stream is refused by its first bytes |
//! | `unused` | options that nothing would come of |
//! | `wrong_files` | files in the place of others |
//! | `run` | a run of the command, for all of them |

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[cfg(unix)]
mod campaign;
mod explained;
mod explore;
mod exported;
mod forged;
mod go_text;
mod line;
mod names;
mod outputs;
#[path = "../reader/pack.rs"]
mod pack;
mod packed;
mod pages;
mod pairs;
mod promises;
mod recorder;
mod run;
mod streams;
mod unused;
mod wrong_files;
