//! `check --html`: one file, which a real browser shows without a complaint and without a request,
//! with the numbers of the JSON and the words of the text; and nothing in a file can forge it.

mod browser;
mod driver;
mod hands;
mod speed;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sigprof_sim::tracer::{CpuSample, Frame, GoId, ProcId, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;
use tempfile::TempDir;

use crate::run::{in_one_line, run};

fn fixture(name: &str, file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/valid/rings");
    folder.join(name).join(file).display().to_string()
}

/// A page of a pair, or of a trace alone, with what its JSON and its text say.
struct Made {
    _folder: TempDir,
    page: PathBuf,
    json: Value,
    text: String,
}

impl Made {
    fn of(inputs: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("report.html");
        let args = [&["check"], inputs, &["--html", page.to_str().unwrap()]].concat();
        let text = run(&args).out;
        let json = run(&[&["check"], inputs, &["--format", "json"]].concat()).json();
        Self {
            _folder: folder,
            page,
            json,
            text,
        }
    }

    fn pair(name: &str) -> Self {
        Self::of(&[&fixture(name, "trace"), &fixture(name, "profile.pb.gz")])
    }

    fn html(&self) -> String {
        fs::read_to_string(&self.page).unwrap()
    }

    fn sum(&self, names: &[&str]) -> u64 {
        names
            .iter()
            .map(|&name| self.json[name].as_u64().unwrap())
            .sum()
    }
}

const PAIRS: [&str; 3] = ["wrap-loss-go1.27", "full-ring-go1.19", "wrap-leak-go1.27"];

/// Guards S55.2, S57.2, S57.3.
#[test]
fn a_page_has_the_numbers_of_the_json_and_no_complaint() {
    for name in PAIRS {
        let made = Made::pair(name);
        for (view, numbers) in [
            ("trace", &["trace_samples", "trace_synthetic"][..]),
            ("profile", &["profile_samples", "profile_synthetic"]),
            ("difference", &["missing", "surplus"]),
        ] {
            let Some(shown) = browser::open(&made.page, &format!("#view={view}")) else {
                return;
            };
            shown.is_fine();
            let sum = made.sum(numbers);
            assert_eq!(
                shown.number("flames", "data-samples"),
                sum,
                "{name}: {view}"
            );
            let all = made.sum(&["trace_samples", "trace_synthetic"]);
            assert_eq!(shown.number("time", "data-samples"), all, "{name}");
        }
        let expected = &made.json["expected"]["expected"];
        assert!(
            made.html().contains(&format!("time for <b>{expected}</b>")),
            "{name}"
        );
    }
}

/// Of v1 each drain; of v2 each batch of samples, and each generation's end but the last.
///
/// Guards S57.5.
#[test]
fn reads_of_the_ring_are_marked_as_far_as_bytes_show_them() {
    for name in PAIRS {
        let made = Made::pair(name);
        let html = made.html();
        let data = html.split("id=\"data\">").nth(1).unwrap();
        let data: Value = serde_json::from_str(data.split("</script>").next().unwrap()).unwrap();
        let reads = data["reads"].as_array().unwrap();
        let generations = data["generations"].as_array().unwrap();
        if made.json["ring"]["replay"].is_null() {
            assert_eq!(reads.len() as u64, made.json["ring"]["drains"], "{name}");
        } else {
            let ends = |read: &&Value| generations[1..].iter().any(|g| g[1] == **read);
            assert_eq!(reads.iter().filter(ends).count(), generations.len() - 1);
            assert!(reads.len() >= generations.len(), "{name}");
        }
        let Some(shown) = browser::open(&made.page, "") else {
            return;
        };
        assert_eq!(shown.number("time", "data-reads"), reads.len() as u64);
    }
}

/// Their events come when the generation begins that has them, at its beginning.
///
/// Guards S57.2.
#[test]
fn samples_that_came_late_stand_where_they_were_taken() {
    let made = Made::pair("wrap-leak-go1.27");
    let html = made.html();
    let data = html.split("id=\"data\">").nth(1).unwrap();
    let data: Value = serde_json::from_str(data.split("</script>").next().unwrap()).unwrap();
    let leak = &made.json["ring"]["replay"]["leaks"][0];
    let marks = data["marks"].as_array().unwrap();
    let mark = marks.iter().find(|mark| mark["kind"] == "leak").unwrap();
    assert_eq!(mark["from_ns"], leak["first_taken_ns"]);
    let width = data["width_ns"].as_u64().unwrap();
    let bucket = |at: &str| usize::try_from(mark[at].as_u64().unwrap() / width).unwrap();
    let (from, to) = (bucket("from_ns"), bucket("to_ns"));
    let lanes = data["lanes"].as_array().unwrap();
    let counts = lanes
        .iter()
        .flat_map(|lane| &lane["samples"].as_array().unwrap()[from..=to]);
    let late: u64 = counts.map(|count| count.as_u64().unwrap()).sum();
    assert!(late >= leak["samples"].as_u64().unwrap(), "{late}: {leak}");
}

/// Guards S57.2, S57.3.
#[test]
fn a_trace_alone_has_its_page_too() {
    let made = Made::of(&[&fixture("wrap-loss-go1.27", "trace")]);
    let Some(shown) = browser::open(&made.page, "#search=burn.spin") else {
        return;
    };
    shown.is_fine();
    let all = made.sum(&["trace_samples"]);
    assert_eq!(shown.number("flames", "data-samples"), all);
    assert_eq!(shown.number("time", "data-samples"), all);
    assert!((1..=all).contains(&shown.number("flames", "data-found")));
    assert!(!shown.dom.contains("data-view=\"profile\""));
}

/// Guards S55.3.
#[test]
fn a_page_says_what_the_text_says() {
    for name in PAIRS {
        let made = Made::pair(name);
        let html = made.html();
        let body = html.split("<body>").nth(1).unwrap();
        let head = body.split("<h2>When they ran").next().unwrap();
        let mut words = String::new();
        for part in head.split('<').filter_map(|part| part.split_once('>')) {
            // The words of an element; the headline's first is one of its own.
            words += part.1;
            words += if part.0.starts_with("/d") { " " } else { "" };
        }
        let words = words
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">");
        let words = in_one_line(
            &words
                .replace("&#60;", "<")
                .replace("&#62;", ">")
                .replace("&#38;", "&"),
        );
        let text = made.text.split("\n\n").collect::<Vec<_>>();
        assert!(words.contains(&in_one_line(text[0])), "{name}: {words}");
        let table = text[1]
            .lines()
            .skip_while(|line| !line.starts_with("  Why"));
        for line in table {
            let said = line.get(14..).unwrap_or_default();
            assert!(
                words.contains(&in_one_line(said)),
                "{name}: {said:?} in {words}"
            );
        }
        let hint = made
            .text
            .lines()
            .find(|line| line.starts_with("explained by: "));
        assert!(words.contains(hint.unwrap()), "{name}: {words}");
    }
}

/// Guards S55.1.
#[test]
fn the_same_pair_gives_the_same_bytes_which_ask_for_nothing() {
    let (one, other) = (Made::pair(PAIRS[0]).html(), Made::pair(PAIRS[0]).html());
    assert!(one == other);
    assert!(one.contains("content=\"default-src 'none'; script-src 'sha256-"));
    for loads in ["src=", "@import", "url(", "<link", "<iframe", "<img"] {
        assert!(!one.contains(loads), "{loads}");
    }
}

/// Names that try to become markup, script, style, or the end of what they stand in.
const HOSTILE: [&str; 6] = [
    "main.</script><script>document.title='owned'</script>",
    "main.<img src=x onerror=\"document.title='owned'\">",
    "main.\"'><svg onload=document.title='owned'>",
    "main.\u{2028}\u{2029}\u{202e}\0</style><!--",
    "main.${document.title='owned'}`\\\"]}",
    "__proto__",
];

/// A trace with a sample in each of these functions, called by the next, and so many more samples.
fn trace_of(names: &[&str], more: u64) -> Vec<u8> {
    let mut builder = TraceBuilder::new(FormatVersion::GO_1_19).unwrap();
    let p = Some(ProcId(0));
    builder.batch(p, Ticks(1));
    builder.event(Ticks(2), EventType::GoCreate, &[1, 0], &[]);
    builder.event(Ticks(3), EventType::GoStart, &[1, 1], &[]);
    for at in 0..names.len() as u64 + more {
        // Stacks of thirty frames and more, a thousand of them.
        let stack: Vec<_> = (0..30)
            .map(|depth| (at % 1000) / (1 << (depth % 11)) + depth)
            .collect();
        let first = usize::try_from(at).unwrap() % names.len();
        let own = names
            .iter()
            .cycle()
            .skip(first)
            .take(2)
            .map(|name| Frame::new(1, name, name, 7));
        let others: Vec<_> = stack
            .iter()
            .map(|n| format!("example.com/module/package{}.Function{n}", n % 17))
            .collect();
        let others = others
            .iter()
            .filter(|_| more > 0)
            .map(|name| Frame::new(1, name, "file.go", 9));
        let frames: Vec<_> = own.chain(others).collect();
        let stack = builder.stack(&frames);
        let g = Some(GoId(1));
        // Many samples are of many Ps.
        let p = if more > 0 { (at % 64) as u32 } else { 0 };
        let p = Some(ProcId(p));
        let ts = Ticks(10 + 10 * at);
        builder.cpu_sample(Ticks(11 + 10 * at), CpuSample { ts, p, g, stack });
    }
    builder.finish(1_000)
}

/// A trace and a profile of it, as `export` makes one.
fn pair_of(bytes: &[u8]) -> (TempDir, Made) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (trace, profile) = (path("trace"), path("profile"));
    fs::write(&trace, bytes).unwrap();
    run(&["export", "--format", "pprof", "-o", &profile, &trace]).ends(0);
    let made = Made::of(&[&trace, &profile]);
    (folder, made)
}

/// Guards S56.1, S56.2.
#[test]
fn hostile_names_are_shown_and_do_nothing() {
    let (_folder, made) = pair_of(&trace_of(&HOSTILE, 0));
    let html = made.html();
    assert_eq!(html.matches("</script>").count(), 5);
    for odd in ['\u{2028}', '\u{2029}', '\u{202e}', '\0'] {
        assert!(!html.contains(odd), "{odd:?}");
    }
    for place in [
        "#view=trace",
        "#view=trace&search=<img onerror=document.title='owned'>",
    ] {
        let Some(shown) = browser::open(&made.page, place) else {
            return;
        };
        shown.is_fine();
        let title = shown.dom.split("<title>").nth(1).unwrap();
        assert!(title.starts_with("match: "), "{title}");
        assert_eq!(shown.number("flames", "data-samples"), HOSTILE.len() as u64);
        for tag in ["<img", "<svg onload"] {
            assert!(!shown.dom.contains(tag), "{tag}");
        }
        assert!(shown.dom.contains("__proto__"));
        assert!(shown.dom.contains("\\u{202e}"));
    }
}

/// Guards S57.4.
#[test]
fn a_hundred_thousand_samples_take_less_than_three_megabytes() {
    let (_folder, made) = pair_of(&trace_of(&["main.a", "main.b"], 100_000));
    let len = fs::metadata(&made.page).unwrap().len();
    assert!((200_000..3_000_000).contains(&len), "{len}");
    let Some(shown) = browser::open(&made.page, "#view=trace&search=function7") else {
        return;
    };
    shown.is_fine();
    assert_eq!(shown.number("flames", "data-samples"), 100_002);
    // A machine may be busy with other tests; alone it is a tenth of that.
    let millis = shown.number("flames", "data-millis");
    assert!(millis < 1_000, "{millis}");
}

/// Guards S55.5.
#[test]
fn the_windows_stand_as_they_ran_where_clocks_say() {
    let (v2, v1) = (
        Made::pair("wrap-loss-go1.27").html(),
        Made::pair("full-ring-go1.19").html(),
    );
    assert!(v2.contains("<div class=\"bars\">") && v2.contains("Both files have the time of day"));
    assert!(v1.contains("<div class=\"bars unplaced\">") && v1.contains("only lengths are known"));
}

/// Guards S55.4.
#[test]
fn a_page_needs_a_file_to_read_and_another_to_write() {
    let (trace, profile) = (
        fixture(PAIRS[0], "trace"),
        fixture(PAIRS[0], "profile.pb.gz"),
    );
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html").display().to_string();
    run(&["check", "-", &profile, "--html", &page]).refuses(2, "reads the trace twice");
    run(&["check", &trace, &profile, "--html", &trace]).refuses(2, "is the input");
    run(&["check", &trace, &profile, "--html", &profile]).refuses(2, "is the input");
    let both = ["check", &trace, &profile, "--html", &page, "--diff", &page];
    run(&both).refuses(2, "want a file each");
    let absent = folder
        .path()
        .join("absent/report.html")
        .display()
        .to_string();
    let run = run(&["check", &trace, &profile, "--html", &absent]).ends(3);
    assert!(run.err.contains(&absent), "{run:#?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// The second generation is read as far as it has samples, though it says that it is the first.
#[test]
fn generations_with_the_same_number_are_two() {
    let folder = tempfile::tempdir().unwrap();
    let once = fs::read(fixture("../basics/hog-go1.27", "trace")).unwrap();
    let trace = folder.path().join("twice").display().to_string();
    fs::write(&trace, [&once[..], &once[16..]].concat()).unwrap();
    let page = folder.path().join("report.html").display().to_string();
    run(&["check", &trace, "--html", &page]).ends(5);
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.contains("2 generations begin in this trace"));
}

/// Guards S58.1.
#[test]
fn a_run_as_a_page_folds_dull_steps_and_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("run.html");
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/seeds");
    for name in ["b30", "b6", "b2"] {
        let case = seeds.join(format!("{name}.toml")).display().to_string();
        run(&["replay", &case, "--html", page.to_str().unwrap()]).ends(1);
        let json = run(&["replay", &case, "--format", "json"]).ends(1).json();
        let steps = json["steps"].as_array().unwrap();
        let html = fs::read_to_string(&page).unwrap();
        let folds: Vec<_> = html.split("<tbody class=\"dull\">").skip(1).collect();
        for fold in &folds {
            let fold = fold.split("</tbody>").next().unwrap();
            assert!(fold.matches("<tr id=\"s").count() >= 3, "{name}: {fold}");
            for kept in ["fatal", "switch", "step old", "signal"] {
                assert!(!fold.contains(kept), "{name}: {fold}");
            }
        }
        assert!(name != "b30" || folds.len() == 1, "{name}");
        let verdict = json["verdict"].as_str().unwrap();
        assert!(html.contains(verdict.split('\'').next().unwrap()), "{name}");
        let Some(shown) = browser::open(&page, "#s3") else {
            return;
        };
        shown.is_fine();
        let count = steps.len() as u64;
        assert_eq!(shown.number("end", "data-steps"), count, "{name}");
        assert!(shown.dom.contains("Words after step 3"), "{name}");
    }
}
