//! Samples and differences, in the tools that they are exported for.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::Value;
use sigprof::check::{Narrow, Report, TraceSide};
use sigprof::export::samples::Select;
use sigprof::export::{Options, firefox, folded, pprof, speedscope};
use sigprof::oracle::Go;
use sigprof::trace::Reader;
use tempfile::NamedTempFile;

use super::fixture;
use super::viewers::Viewers;

/// Names with numbers.
type Counts = BTreeMap<String, i64>;

fn bytes(case: &str) -> Vec<u8> {
    std::fs::read(fixture(case)).unwrap()
}

fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// The output of `go tool pprof` for a profile.
fn shown(go: &Go, profile: &[u8], args: &[&str]) -> String {
    let profile = file(profile);
    let mut command = go.command();
    command.args(["tool", "pprof", "-sample_index=samples"]);
    let output = command.args(args).arg(profile.path()).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    // It looks for no program.
    assert!(!err.contains("not available"), "{err}");
    String::from_utf8(output.stdout).unwrap()
}

/// The values of each key that `-tags` prints, with their samples.
fn tags(printed: &str) -> BTreeMap<String, Counts> {
    let mut tags: BTreeMap<String, Counts> = BTreeMap::new();
    let mut last = String::new();
    for line in printed
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        if let Some((key, _)) = line.split_once(": Total ") {
            last = key.to_owned();
        } else {
            let (count, value) = line.split_once("): ").unwrap();
            // Older releases print 44.0.
            let count = count.split_whitespace().next().unwrap();
            let count = count.trim_end_matches(".0").parse().unwrap();
            let values = tags.entry(last.clone()).or_default();
            assert_eq!(values.insert(value.trim().to_owned(), count), None);
        }
    }
    tags
}

/// The labels of the samples that the reader of both formats has.
fn labels(bytes: &[u8]) -> BTreeMap<String, Counts> {
    let mut reader = Reader::new(bytes).unwrap();
    let mut tags: BTreeMap<String, Counts> = BTreeMap::new();
    while let Some(event) = reader.next_event().unwrap() {
        if event.is_sample() {
            let ids = [
                ("goroutine", event.goroutine.map(|g| g.0)),
                ("proc", event.proc.map(|p| p.0)),
                ("thread", event.thread.map(|t| t.0)),
                ("generation", event.generation.map(|g| g.0)),
            ];
            for (key, id) in ids {
                if let Some(id) = id {
                    let values = tags.entry(key.to_owned()).or_default();
                    *values.entry(id.to_string()).or_default() += 1;
                }
            }
        }
    }
    tags
}

/// Each release has a pprof of its own.
///
/// Guards S50.2, S50.3.
#[test]
fn pprof_shows_the_labels_of_samples() {
    for release in ["1.19", "1.23", "1.27"] {
        let Some(go) = Go::find_or_skip(release) else {
            return;
        };
        for case in [
            "basics/hog",
            "basics/hog-go1.27",
            "generations/tasks-go1.23",
        ] {
            let bytes = bytes(case);
            let (mut reader, mut profile) = (Reader::new(&bytes).unwrap(), Vec::new());
            pprof::write(&mut reader, &Default::default(), &mut profile).unwrap();
            let tags = tags(&shown(&go, &profile, &["-tags"]));
            for (key, ids) in labels(&bytes) {
                assert_eq!(tags[&key], ids, "{case}, {key}, Go {release}");
            }
            assert!(tags["proc"].contains_key("0"), "{tags:?}");
            assert!(tags.contains_key("goroutine_function"), "{tags:?}");
            let of_one = shown(&go, &profile, &["-top", "-tagfocus=goroutine=1"]);
            let samples = tags["goroutine"].get("1").copied().unwrap_or(0);
            let words = format!("accounting for {samples}, ");
            assert!(of_one.contains(&words) || samples == 0, "{of_one}");
        }
    }
}

/// The time of day, which the trace knows.
///
/// Guards S50.1.
#[test]
fn pprof_shows_time_and_duration() {
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    let (bytes, mut profile) = (bytes("basics/hog-go1.27"), Vec::new());
    let mut reader = Reader::new(&bytes).unwrap();
    pprof::write(&mut reader, &Default::default(), &mut profile).unwrap();
    let printed = shown(&go, &profile, &["-top"]);
    assert!(printed.contains("Time: 2026-11-28 "), "{printed}");
    assert!(printed.contains("Duration: 330.90ms"), "{printed}");
}

fn report(case: &str) -> Report {
    let bytes = bytes(case);
    let side = TraceSide::read(&mut Reader::new(&bytes).unwrap(), &Narrow::default()).unwrap();
    let profile = std::fs::read(fixture(case).with_file_name("profile.pb.gz")).unwrap();
    side.check(sigprof::pprof::read(&profile).unwrap()).unwrap()
}

/// The samples of each leaf, with their sign.
fn tops(printed: &str) -> Counts {
    let rows = printed
        .lines()
        .skip_while(|line| !line.contains("flat%"))
        .skip(1);
    let row = |line: &str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        (fields[5..].join(" "), fields[0].parse().unwrap())
    };
    rows.map(row).filter(|&(_, flat)| flat != 0).collect()
}

/// The sum of what is missing, whatever the reason, is what the report says is missing.
///
/// Guards S51.1, S51.2.
#[test]
fn pprof_shows_where_samples_are_missing() {
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    for case in [
        "rings/wrap-loss-go1.27",
        "rings/overflow",
        "rings/both-overflow",
        "basics/hog-go1.27",
    ] {
        let (report, mut diff) = (report(case), Vec::new());
        pprof::write_diff(&report, &mut diff).unwrap();
        let tops = tops(&shown(
            &go,
            &diff,
            &["-top", "-nodefraction=0", "-nodecount=0"],
        ));
        let mut expected = Counts::new();
        for stack in report
            .stacks
            .iter()
            .filter(|s| s.verdict.to_string() != "synthetic")
        {
            let leaf = stack.frames.iter().next().map(|f| f.function.to_owned());
            let more = i64::try_from(stack.trace).unwrap() - i64::try_from(stack.profile).unwrap();
            *expected.entry(leaf.unwrap_or_default()).or_default() += more;
        }
        expected.retain(|_, more| *more != 0);
        assert_eq!(tops, expected, "{case}");
        let (missing, surplus) = (report.missing, report.surplus);
        assert_eq!(
            tops.values().sum::<i64>(),
            surplus.cast_signed() - missing.cast_signed()
        );
        let tags = tags(&shown(&go, &diff, &["-tags"]));
        assert_eq!(
            tags.contains_key("reason"),
            report.reason.is_some(),
            "{case}: {tags:?}"
        );
    }
}

/// Leaves of all samples, by their folded stacks.
fn leaves(case: &str) -> Counts {
    let mut out = Vec::new();
    let bytes = bytes(case);
    folded::write(
        &mut Reader::new(&bytes).unwrap(),
        &Select::default(),
        &mut out,
    )
    .unwrap();
    let mut leaves = Counts::new();
    for line in String::from_utf8(out).unwrap().lines() {
        let (stack, count) = line.rsplit_once(' ').unwrap();
        let leaf = stack.rsplit(';').next().unwrap();
        *leaves.entry(leaf.to_owned()).or_default() += count.parse::<i64>().unwrap();
    }
    leaves
}

/// The leaves that a viewer shows, all profiles added up.
fn add(leaves: &mut Counts, shown: &Value) {
    for (name, weight) in shown.as_object().unwrap() {
        *leaves.entry(name.clone()).or_default() += weight.as_i64().unwrap();
    }
}

const CASES: [&str; 3] = [
    "basics/hog",
    "basics/hog-go1.27",
    "attribution/threads-go1.27",
];

/// Guards S52.1, S52.2, S54.1.
#[test]
fn speedscope_imports_what_it_is_given() {
    let Some(viewers) = Viewers::find_or_skip() else {
        return;
    };
    let schema = jsonschema::validator_for(&viewers.schema()).unwrap();
    for case in CASES {
        let (bytes, mut out) = (bytes(case), Vec::new());
        let options = Options::default();
        speedscope::write(&mut Reader::new(&bytes).unwrap(), &options, &mut out).unwrap();
        let json: Value = serde_json::from_slice(&out).unwrap();
        assert!(
            schema.is_valid(&json),
            "{case}: {:?}",
            schema.iter_errors(&json).next()
        );
        let imported = viewers.speedscope(file(&out).path());
        let (mut seen, mut busiest) = (Counts::new(), Vec::new());
        for profile in imported["profiles"].as_array().unwrap() {
            assert_eq!(profile["unit"], "nanoseconds");
            add(&mut seen, &profile["leaves"]);
            busiest.push(profile["busy"].as_i64().unwrap());
        }
        seen.values_mut()
            .for_each(|nanos| *nanos /= options.period_ns);
        assert_eq!(seen, leaves(case), "{case}");
        let shown = usize::try_from(imported["shown"].as_u64().unwrap()).unwrap();
        assert_eq!(busiest.get(shown), busiest.iter().max(), "{case}");

        let mut out = Vec::new();
        folded::write(
            &mut Reader::new(&bytes).unwrap(),
            &Select::default(),
            &mut out,
        )
        .unwrap();
        let imported = viewers.speedscope(file(&out).path());
        let mut seen = Counts::new();
        add(&mut seen, &imported["profiles"][0]["leaves"]);
        assert_eq!(seen, leaves(case), "{case}");
    }
}

/// Guards S53.1, S53.2.
#[test]
fn firefox_profiler_opens_what_it_is_given() {
    let Some(viewers) = Viewers::find_or_skip() else {
        return;
    };
    for case in CASES {
        let (bytes, mut out) = (bytes(case), Vec::new());
        firefox::write(
            &mut Reader::new(&bytes).unwrap(),
            &Options::default(),
            &mut out,
        )
        .unwrap();
        let file = file(&out);
        let opened = viewers.firefox(file.path());
        let list = opened.json(&["thread", "list", "--json"]);
        let mut seen = Counts::new();
        for thread in list["threads"].as_array().unwrap() {
            let handle = thread["threadHandle"].as_str().unwrap();
            let args = [
                "thread",
                "functions",
                "--limit",
                "0",
                "--json",
                "--thread",
                handle,
            ];
            for function in opened.json(&args)["functions"].as_array().unwrap() {
                let own = function["selfSamples"].as_i64().unwrap();
                if own > 0 {
                    let name = function["name"].as_str().unwrap().to_owned();
                    *seen.entry(name).or_default() += own;
                }
            }
        }
        assert_eq!(seen, leaves(case), "{case}");
    }
}
