//! Campaigns as people run them: a process for each shard, some of which are killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use sigprof::oracle::Go;
use tempfile::TempDir;

use super::promises::fields::names;
use super::run::{Run, finish, run, sigprof};

/// A folder with a plan.
struct Campaign {
    folder: TempDir,
}

impl Campaign {
    fn plan(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let plan = folder.path().join("plan.json");
        let fixed = ["campaign", "plan"];
        run(&[&fixed[..], args, &["-o", plan.to_str().unwrap()]].concat()).ends(0);
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn run(&self, into: &str, args: &[&str]) -> Run {
        let (plan, into) = (self.text("plan.json"), self.text(into));
        run(&[&["campaign", "run", &plan, "-o", &into], args].concat())
    }

    fn merge(&self, of: &str, args: &[&str]) -> Run {
        run(&[&["campaign", "merge", &self.text(of)], args].concat())
    }

    /// A shard at work, once its journal has some lines.
    fn at_work(&self, into: &str, shard: &str, lines: usize) -> Child {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("sigprof"))
            .args(["campaign", "run", &self.text("plan.json"), "--jobs", "2"])
            .args(["--shard", shard, "-o", &self.text(into)])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let name = format!("shard-{}.ndjson", shard.replace('/', "-of-"));
        let journal = self.path(into).join(name);
        let text = || fs::read_to_string(&journal).unwrap_or_default();
        let is_at_work = (0..6_000).any(|_| {
            thread::sleep(Duration::from_millis(10));
            text().lines().count() > lines
        });
        if is_at_work && !text().contains("pieces_in_all") {
            return child;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("too slow, or too fast to be killed: {}", journal.display());
    }
}

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).unwrap().lines().count()
}

const TWO: [&str; 8] = [
    "explore",
    "--revision",
    "go1.26",
    "--scenario",
    "overflow",
    "--scenario",
    "record_then_close",
    "--strategy=random",
];

/// Guards S77.4, S77.8.
#[test]
fn whoever_is_killed_goes_on_and_the_report_is_the_same() {
    let many = [&TWO[..], &["--seeds", "0..120000", "--piece", "500"]].concat();
    let campaign = Campaign::plan(&many);
    campaign.run("one", &[]).ends(0);
    let whole = campaign.merge("one", &[]).ends(1);
    for (shard, kills) in [("1/2", 2), ("2/2", 1)] {
        for kill in 1..=kills {
            let mut child = campaign.at_work("two", shard, kill * 8);
            // SIGKILL.
            child.kill().unwrap();
            child.wait().unwrap();
            let cut = campaign.merge("two", &[]);
            assert!(cut.out.contains("INCOMPLETE"), "{cut:#?}");
            let again = format!("--shard {shard} -o ");
            assert!(cut.code != 0 && cut.out.contains(&again), "{cut:#?}");
        }
        let journal = campaign
            .path("two")
            .join(format!("shard-{}.ndjson", shard.replace('/', "-of-")));
        let before = lines(&journal);
        let ran = campaign.run("two", &["--shard", shard]).ends(0);
        // The head; and the last line may be cut.
        let kept = [before - 1, before - 2].map(|kept| format!("{kept} of them before"));
        assert!(
            kept.iter().any(|kept| ran.out.contains(kept)),
            "{before} lines: {ran:#?}"
        );
    }
    let merged = campaign.merge("two", &[]);
    assert_eq!(merged.out, whole.out);
}

/// Guards S77.6.
#[test]
fn a_scheduler_says_which_shard_it_is() {
    let few = [&TWO[..], &["--seeds", "0..2000", "--piece", "500"]].concat();
    let campaign = Campaign::plan(&few);
    let (plan, into) = (campaign.text("plan.json"), campaign.text("all"));
    let with = |variables: &[(&str, &str)]| {
        let mut command = sigprof(&["campaign", "run", &plan, "-o", &into]);
        command.envs(variables.iter().copied());
        finish(command)
    };
    let slurm = [
        ("SLURM_ARRAY_TASK_ID", "7"),
        ("SLURM_ARRAY_TASK_MIN", "7"),
        ("SLURM_ARRAY_TASK_COUNT", "3"),
    ];
    assert!(
        with(&slurm)
            .ends(0)
            .out
            .starts_with("shard 1/3: 3 of 3 pieces done")
    );
    let pod = [("JOB_COMPLETION_INDEX", "1"), ("SIGPROF_SHARDS", "3")];
    assert!(
        with(&pod)
            .ends(0)
            .out
            .starts_with("shard 2/3: 3 of 3 pieces done")
    );
    let matrix = [("SIGPROF_SHARD", "3/3")];
    assert!(
        with(&matrix)
            .ends(0)
            .out
            .starts_with("shard 3/3: 2 of 2 pieces done")
    );
    campaign.merge("all", &[]).ends(1);
    with(&pod[..1]).refuses(2, "SIGPROF_SHARDS must be, too");
    with(&[&pod[..], &slurm[..]].concat()).refuses(2, "are both set");
    // Who is started again has nothing to do.
    let again = with(&matrix).ends(0);
    assert!(
        again.out.contains("2 of them before; 0 runs now"),
        "{again:#?}"
    );
}

/// Guards S77.8, S77.9.
#[test]
fn json_has_the_fields_of_its_rules() {
    let few = [&TWO[..], &["--seeds", "0..2000"]].concat();
    let campaign = Campaign::plan(&few);
    campaign.run("all", &[]).ends(0);
    let json = campaign.merge("all", &["--format", "json"]).ends(1).json();
    let task = &json["tasks"][0];
    names(
        "S77.8",
        &[&json, task, &task["failures"][0]],
        &["--format json"],
    );
    assert_eq!(
        (&json["complete"], &json["runs"]),
        (&true.into(), &4_000.into())
    );
    let failure = &json["failures"][0];
    assert_eq!(
        (&failure["law"], &failure["known"]),
        (&"L3".into(), &"B32".into())
    );
    // What is kept is a case.
    let kept = campaign.text("kept");
    campaign.merge("all", &["-o", &kept]).ends(1);
    let case = campaign.path("kept").join("go1.26-overflow-random-L3.toml");
    let replayed = run(&["replay", case.to_str().unwrap()]);
    assert!(replayed.out.contains("L3"), "{replayed:#?}");
}

/// Guards S77.1, S77.5.
#[test]
fn another_program_or_plan_is_refused() {
    let few = [&TWO[..], &["--seeds", "0..10"]].concat();
    let campaign = Campaign::plan(&few);
    let plan = campaign.path("plan.json");
    let text = fs::read_to_string(&plan).unwrap();
    campaign.run("all", &[]).ends(0);
    let at = text.find("\"program\": \"").unwrap() + 12;
    let digit = if text[at..].starts_with('0') {
        "1"
    } else {
        "0"
    };
    let mut other = text.clone();
    other.replace_range(at..=at, digit);
    fs::write(&plan, &other).unwrap();
    let words = "the plan is for another program";
    campaign.run("all", &[]).refuses(3, words);
    fs::write(&plan, text.replace("\"end\": 10", "\"end\": 11")).unwrap();
    campaign
        .run("all", &[])
        .refuses(3, "the folder is that of another plan");
    fs::write(campaign.path("all/plan.json"), &other).unwrap();
    campaign.merge("all", &[]).refuses(3, words);
    fs::remove_file(campaign.path("all/plan.json")).unwrap();
    campaign.merge("all", &[]).refuses(3, "plan.json");
}

/// Guards S77.2.
#[test]
fn options_that_nothing_would_come_of_are_refused() {
    for (args, words) in [
        (
            &["explore", "--go", "1.27"][..],
            "--go is for go-text and sim",
        ),
        (
            &["explore", "--strategy", "dpor", "--seeds", "0..5"],
            "--seeds is for random and pct",
        ),
        (
            &["explore", "--runs", "5"],
            "--runs is for bounded and dpor",
        ),
        (
            &["go-text", "--revision", "go1.26"],
            "--revision is not for go-text",
        ),
        (&["sim", "--scenario", "lock"], "--scenario is not for sim"),
        (
            &["sim", "--revision", "go1.26", "--go", "1.24"],
            "Go 1.24 does not read traces of go1.26",
        ),
        (
            &["sim", "--revision", "seed"],
            "no revision of the simulator is named",
        ),
    ] {
        run(&[&["campaign", "plan"], args].concat()).refuses(2, words);
    }
    let nothing = [
        "--revision",
        "go1.19",
        "--scenario",
        "advance_with_a_wrapped_ring",
    ];
    run(&[&["campaign", "plan", "explore"], &nothing[..]].concat()).refuses(4, "makes no sense");
}

/// Go's own text, and simulated runs that Go reads: shards as one.
///
/// Guards S77.8.
#[test]
fn gos_text_and_simulated_runs_are_shared_out_likewise() {
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    let home = go.root().parent().and_then(Path::to_str).unwrap();
    let sim = [
        "sim",
        "--revision=go1.27",
        "--seeds=0..6",
        "--piece=2",
        "--go=1.27",
    ];
    let text = [
        "go-text",
        "--scenario=overflow",
        "--runs=50",
        "--seeds=0..60",
        "--piece=20",
    ];
    for (plan, runs) in [(&sim[..], 6), (&text[..], 72)] {
        let campaign = Campaign::plan(plan);
        let oracles = ["--oracles-dir", home];
        campaign.run("one", &oracles).ends(0);
        for shard in ["1/2", "2/2"] {
            campaign
                .run("two", &[&oracles[..], &["--shard", shard]].concat())
                .ends(0);
        }
        // The search of the scenario ends after twelve.
        let one = campaign.merge("one", &["--format", "json"]);
        let two = campaign.merge("two", &["--format", "json"]);
        assert_eq!(one.out, two.out);
        let json = one.json();
        assert_eq!(json["runs"], runs, "{json:#}");
        assert_eq!(
            (&json["complete"], json["failures"].as_array().map(Vec::len)),
            (&true.into(), Some(0))
        );
    }
}
